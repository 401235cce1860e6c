import type { Contract } from '../../judge/contract.ts'
import { operationsOf } from '../../judge/history/from-recording.ts'
import { lostUpdates } from '../../judge/history/optimistic-concurrency.ts'
import { needSome } from '../../judge/undecided.ts'
import { counted } from '../../judge/words.ts'
import { exact } from './exact.ts'

/** API-02. */
const noLostUpdate: Contract = {
  id: 'API-02',
  area: 'kube-apiserver',
  promise:
    'A write that names a resource version is refused with a conflict if the object has another one: nobody overwrites what it has not seen.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions',
  scenarios: ['consistency'],
  judge(recording) {
    const { consistent } = operationsOf(recording, 'apiserver')
    const conditional = consistent.filter(({ precondition }) => precondition > 0)
    const won = needSome(
      conditional.filter(({ outcome }) => outcome === 'ok'),
      'No write with a precondition was confirmed.',
    )
    const lost = needSome(
      conditional.filter(({ refusal }) => refusal === 'conflict'),
      'No two writers ever met: nobody lost.',
    )
    return exact(
      lostUpdates(consistent),
      `${counted(won.length, 'write')} with a precondition followed what they had seen, and ${counted(lost.length, 'loser')} got a conflict.`,
      `${won.length} won, ${lost.length} refused`,
    )
  },
}

export const updates: readonly Contract[] = [noLostUpdate]
