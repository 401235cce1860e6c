import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { differences } from '../../judge/history/member-data.ts'
import { named } from '../../judge/scene.ts'
import { requireNonEmpty, InconclusiveError } from '../../judge/inconclusive.ts'
import { counted } from '../../judge/words.ts'
import { exact } from './exact.ts'

/** ETCD-11. */
const sameData: Contract = {
  id: 'ETCD-11',
  area: 'etcd',
  promise: 'After everything all members hold the same data at the same revision.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/data_corruption/',
  scenarios: ['consistency'],
  judge(recording) {
    const found = recording.of('content')
    const missing = named(recording, 'etcd').filter((name) => !found.some(({ member }) => member === name))
    if (missing.length > 0) throw new InconclusiveError(`Nobody asked what ${missing.join(', ')} holds.`)
    const [first] = requireNonEmpty(found, 'Nobody asked what the members hold.')
    const violations = differences(found)
    if (violations.length === 0 && found.some(({ compacted }) => compacted !== first.compacted)) {
      throw new InconclusiveError('The members are not compacted alike, so that their hashes can’t be compared.')
    }
    return exact(
      violations,
      `${counted(found.length, 'member')} have the same hash of everything at revision ${first.revision}, and the same ${counted(Object.keys(first.values).length, 'key')} of ours.`,
      `${counted(found.length, 'member')}, one hash`,
    )
  },
}

export const memberContents: readonly Contract[] = [sameData]
