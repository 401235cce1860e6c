import { defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { createdOnce } from '../../judge/history/acknowledged-creates.ts'
import { creationsOf, operationsOf } from '../../judge/history/from-recording.ts'
import type { Operation, Violation } from '../../judge/history/history.ts'
import { lostUpdates } from '../../judge/history/optimistic-concurrency.ts'
import { requireNonEmpty } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { counted } from '../../judge/verdict/format.ts'
import { noViolation, violated } from '../consistency/violations.ts'

interface Updates {
  readonly won: number
  readonly lost: number
  /** Confirmed creates under a name of the server's choice; 0 where none was recorded. */
  readonly created: number
  readonly unknown: number
}

const found = findings({
  UPDATES_KEPT: ({ won, lost, created, unknown }: Updates) =>
    `${counted(won, 'conditional write')} changed the version that the client had read; ${counted(lost, 'other')} received a conflict. ${counted(created, 'confirmed create')} made exactly one object each; ${unknown} with unknown outcome made at most one each.`,
})

/** A confirmed write happened exactly once: preconditions ensure it for updates, and creates are counted. */
export const noLostUpdate = defineContract<Operation>({
  id: 'API-02',
  area: 'kube-apiserver',
  promise:
    'An API server rejects a write with an outdated resource version as a conflict; a confirmed create makes exactly one object.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions',
  stimulus: {
    needs: 'a write through an API server that names a resource version',
    find: (recording) => operationsOf(recording, 'apiserver').consistent.filter(({ precondition }) => precondition > 0),
  },
  judge(recording, conditional) {
    const creations = creationsOf(recording)
    const violations = [
      ...lostUpdates(operationsOf(recording, 'apiserver').consistent),
      ...wrongCreates(recording, creations),
    ]
    const broken = violated(violations, { evidence: recording.of('created') })
    if (broken) return broken
    const won = requireNonEmpty(
      conditional.filter(({ outcome }) => outcome === 'ok'),
      'No write with a precondition was confirmed.',
      'NOT_CONFIRMED',
    )
    const lost = requireNonEmpty(
      conditional.filter(({ refusal }) => refusal === 'conflict'),
      'No write with a precondition was refused with a conflict: no two writers competed.',
      'NO_CONFLICT',
    )
    const created = creations.filter(({ outcome }) => outcome === 'ok').length
    const unknown = creations.filter(({ outcome }) => outcome === 'unknown').length
    return found.pass(
      'UPDATES_KEPT',
      { won: won.length, lost: lost.length, created, unknown },
      { observed: `${won.length} applied, ${lost.length} conflicts, ${created} created once`, ...noViolation },
    )
  },
})

/** @throws InconclusiveError where objects were created and not listed at the end */
function wrongCreates(recording: Recording, creations: readonly Operation[]): Violation[] {
  const lists = recording.of('created')
  if (creations.length > 0) requireNonEmpty(lists, 'The created objects were not listed at the end.', 'NOT_LISTED')
  return lists.flatMap(({ objects }) => createdOnce(creations, objects))
}
