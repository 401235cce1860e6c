import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { createdOnce } from '../../judge/history/acknowledged-creates.ts'
import { creationsOf, operationsOf } from '../../judge/history/from-recording.ts'
import { lostUpdates } from '../../judge/history/optimistic-concurrency.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { exact } from './exact.ts'

/** API-02. What was confirmed happened, and once: of updates their preconditions see to that, of creates it has to be counted. */
const noLostUpdate: Contract = {
  id: 'API-02',
  area: 'kube-apiserver',
  promise:
    'A write that names a resource version is refused with a conflict if the object has another one: nobody overwrites what it has not seen. What is confirmed to be created is there, and once.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions',
  scenarios: ['consistency'],
  judge(recording) {
    const { consistent } = operationsOf(recording, 'apiserver')
    const conditional = consistent.filter(({ precondition }) => precondition > 0)
    const won = requireNonEmpty(
      conditional.filter(({ outcome }) => outcome === 'ok'),
      'No write with a precondition was confirmed.',
    )
    const lost = requireNonEmpty(
      conditional.filter(({ refusal }) => refusal === 'conflict'),
      'No two writers ever met: nobody lost.',
    )
    const creations = creationsOf(recording)
    const confirmed = requireNonEmpty(
      creations.filter(({ outcome }) => outcome === 'ok'),
      'No object was created under a name of the server’s choice.',
    )
    const found = requireNonEmpty(recording.of('created'), 'Nobody asked what was created.')
    const unknown = creations.filter(({ outcome }) => outcome === 'unknown').length
    return exact(
      [...lostUpdates(consistent), ...found.flatMap(({ objects }) => createdOnce(creations, objects))],
      `${counted(won.length, 'write')} with a precondition followed what they had seen, and ${counted(lost.length, 'loser')} got a conflict; ${counted(confirmed.length, 'confirmed create')} made one object each, and ${unknown} of unknown outcome one or none.`,
      `${won.length} won, ${lost.length} refused, ${confirmed.length} created once`,
    )
  },
}

export const updates: readonly Contract[] = [noLostUpdate]
