import type { LegacyFinding as Finding } from '../../judge/bridge.ts'
import { failed } from '../../judge/bridge.ts'
import { type Probed, probedFromOutside } from '../../judge/proxy-rules/probed.ts'
import { portHistory } from '../../judge/proxy-rules/port-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { InconclusiveError } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { rulesFollow } from '../bounds.ts'
import { proxyScene } from './scene.ts'

/** Fewer might miss rules that are wrong for one in a few packets. */
const leastAttempts = 30

/**
 * An endpoint that has no processor answers nothing for a while, which is not for rules to answer for: of connections that stood, and of
 * datagrams, so many may stay without an answer. A connection is made by the kernel, so one that is not made was not let through.
 */
const mostUnanswered = 0.01

/** Probes from outside whose Node, at that time, could do what was asked. */
export function outsideProbes(recording: Recording): Probed[] {
  const { machines, excused } = proxyScene(recording)
  const { limit } = rulesFollow(recording)
  return probedFromOutside(recording.of('attempt'), portHistory(recording), machines, limit).filter(
    ({ machine, attempt }) => !excused(machine, attempt.at),
  )
}

/** What steady use from outside met at Services with external traffic policy Local: a finding where one thing was wrong. */
export function localFromOutside(recording: Recording): Finding | { readonly words: string } {
  const probes = outsideProbes(recording).filter(({ port }) => port.externalLocal)
  const [local, none] = [
    probes.filter(({ endpoints }) => endpoints.length > 0),
    probes.filter(({ refusal }) => refusal === 'drop'),
  ]
  const wrong = probes.flatMap((probe) => wrongWith(probe) ?? [])[0]
  if (wrong) return wrong
  for (const [sort, where] of [
    [local, 'with an endpoint'],
    [none, 'without one'],
  ] as const) {
    if (sort.length < leastAttempts)
      throw new InconclusiveError(`Only ${counted(sort.length, 'probe')} came from outside to a Node ${where}.`)
  }
  for (const own of Map.groupBy(local, ({ attempt }) => `${attempt.to} ${attempt.protocol}`).values()) {
    const unanswered = own.filter(({ attempt }) => !attempt.ok)
    const [first] = unanswered
    if (!first || unanswered.length <= own.length * mostUnanswered) continue
    const { protocol, to, at } = first.attempt
    const words = `${unanswered.length} of ${counted(own.length, 'probe')} from outside over ${protocol} to ${to} on ${first.machine}, which has an endpoint, got no answer.`
    if (unanswered.length < own.length) throw new InconclusiveError(words)
    return failed(words, { observed: 'no answers', moments: [{ at, label: `no answer on ${first.machine}` }] })
  }
  return {
    words: `${counted(local.length, 'probe')} from outside of the cluster met the same on Nodes with an endpoint, and ${none.length} on Nodes without one`,
  }
}

function wrongWith({ attempt, machine, endpoints, refusal }: Probed): Finding | undefined {
  const { ok, backend, errorClass, protocol, to, at, error } = attempt
  const words = `A ${protocol} probe from outside to ${to} on ${machine}`
  const broken = (what: string): Finding =>
    failed(`${words} ${what}.`, { observed: 'a probe went wrong', moments: [{ at, label: `a probe of ${machine}` }] })
  if (refusal === 'reject') return ok ? broken(`was answered by ${backend} instead of refused`) : undefined
  if (refusal === 'drop') {
    if (ok) return broken(`was answered by ${backend} instead of dropped`)
    return errorClass === 'refused' ? broken('was refused instead of dropped') : undefined
  }
  const due = endpoints.map(({ pod }) => pod)
  if (ok && !due.includes(backend ?? '')) return broken(`was answered by ${backend}, and ${due.join(', ')} should`)
  const kept = protocol === 'tcp' && (errorClass === 'no-connection' || errorClass === 'refused')
  return kept ? broken(`was not let through (${error}), and ${due.join(', ')} should answer`) : undefined
}
