import { isSuccess } from '../../../judge/cluster/bindings.ts'
import { defineContract, type Finding } from '../../../judge/contract.ts'
import { hostFigures, mayBeHost } from '../../../judge/coverage/host-noise.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { counted, duration } from '../../../judge/verdict/format.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { InconclusiveError, requireNonEmpty } from '../../../judge/verdict/inconclusive.ts'
import type { Bound } from '../../../judge/verdict/verdict.ts'
import { apiCall } from '../../bounds.ts'
import { type ValidatedWrite, validatedWrites } from './absent-webhooks.ts'

interface Write {
  readonly machine: string
  readonly webhook: string
  readonly object: string
  readonly afterMs: number
}

const found = findings({
  ADMITTED_UNVALIDATED: ({ machine, webhook, object }: Write) =>
    `The API server on ${machine} granted a change of ${object}, and the webhook ${webhook} had no backend.`,
  OTHERS_REFUSED: ({ machine, webhook, others }: { machine: string; webhook: string; others: number }) =>
    `The API server on ${machine} refused all of ${counted(others, 'write')} that the webhook ${webhook} does not match.`,
  REFUSED_LATE: ({ machine, object, afterMs }: Write) =>
    `The API server on ${machine} refused a change of ${object} after ${duration(afterMs)}.`,
  FAILS_CLOSED: ({ refused, others, object, afterMs }: Write & { refused: number; others: number }) =>
    `${counted(refused, 'write')} of webhooks without a backend refused, the slowest that of ${object} after ${duration(afterMs)}; ${counted(others, 'other write')} granted.`,
})

/** API-13 */
export const admissionFailsClosed = defineContract<ValidatedWrite>({
  id: 'API-13',
  area: 'kube-apiserver',
  promise:
    'An API server refuses a write within the timeout of a validating webhook that can not be reached, and grants the writes that the webhook does not match.',
  reference: 'https://kubernetes.io/docs/reference/access-authn-authz/extensible-admission-controllers/#failure-policy',
  stimulus: { needs: 'a write that a validating webhook without a backend matches', find: validatedWrites },
  judge: (recording, all) => gravest(all, (write) => closed(recording, write, all.length)),
})

/** @throws InconclusiveError NOT_WATCHED, NO_OTHER_WRITE, HOST_NOISE */
function closed(recording: Recording, write: ValidatedWrite, refused: number): Finding {
  const { webhook, request, timeoutMs, others } = write
  const { machine, resource, namespace, name, at, endedAt } = request
  requireWatched(recording, 'endpointslices', at, endedAt)
  const afterMs = Math.round(endedAt - at)
  const values = { machine, webhook, object: `${resource} ${namespace}/${name}`, afterMs }
  if (isSuccess(request)) {
    return found.fail('ADMITTED_UNVALIDATED', values, { observed: 'an unvalidated write', evidence: [request] })
  }
  const known = requireNonEmpty(others, `No other write went through the API server on ${machine}.`, 'NO_OTHER_WRITE')
  const granted = known.filter(isSuccess).length
  if (granted === 0) {
    const details = { observed: 'other writes refused', evidence: known.slice(0, 5) }
    return found.fail('OTHERS_REFUSED', { machine, webhook, others: known.length }, details)
  }
  const bound = refusal(timeoutMs)
  const over = afterMs - bound.limit
  const time = { from: at, until: endedAt }
  if (over > 0 && mayBeHost(recording, time, over)) {
    const figures = { ...values, ...hostFigures(recording, time, over) }
    throw new InconclusiveError(`The host was too slow to judge a write of ${values.object}.`, 'HOST_NOISE', figures)
  }
  const codes = { pass: 'FAILS_CLOSED', late: 'REFUSED_LATE' } as const
  const observed = `${counted(refused, 'write')} refused, the slowest after ${duration(afterMs)}`
  return found.timed(codes, { ...values, refused, others: granted }, afterMs, bound, { observed, evidence: [request] })
}

function refusal(timeoutMs: number): Bound {
  return {
    limit: timeoutMs + apiCall.limit,
    unit: 'ms',
    source: `timeoutSeconds ${duration(timeoutMs)} of the webhook + ${apiCall.source}`,
  }
}
