import type { Contract } from '../../judge/contract.ts'
import { failed, timed } from '../../judge/finding.ts'
import { differenceWords, portHistory } from '../../judge/proxy-rules/port-history.ts'
import { span } from '../../judge/scene.ts'
import { Undecided } from '../../judge/undecided.ts'
import { counted, duration } from '../../judge/words.ts'
import { rulesFollow } from '../bounds.ts'
import { proxyScene, reference, scenarios } from './scene.ts'

/** PROXY-01 */
export const follows: Contract = {
  id: 'PROXY-01',
  area: 'kube-proxy',
  promise: "Every Node's rules do with every Service's packets what its Services and EndpointSlices ask.",
  reference,
  scenarios,
  judge(recording) {
    const { machines, looksOf, excused } = proxyScene(recording)
    const bound = rulesFollow(recording)
    const { from } = span(recording)
    const changes = portHistory(recording).filter(({ at }) => at > from).length
    if (changes === 0) throw new Undecided('No Service and no endpoint changed.')
    let count = 0
    let oldest = { ms: 0, words: '', at: from }
    for (const { name } of machines) {
      const all = looksOf.get(name)
      for (const look of all?.looks ?? []) {
        if (look.at < from || excused(name, look.at)) continue
        count += 1
        for (const { difference, oldMs } of all?.lags(look) ?? []) {
          const words = differenceWords(difference)
          if (oldMs === undefined) {
            return failed(`No Service ever asked for what was seen of ${words}.`, {
              observed: `wrong rules on ${name}`,
              moments: [{ at: look.at, label: `wrong rules on ${name}` }],
            })
          }
          if (oldMs > oldest.ms) oldest = { ms: oldMs, words, at: look.at }
        }
      }
    }
    return timed(oldest.ms, bound, {
      observed: `${counted(count, 'look')} after ${counted(changes, 'change')}, none older than ${duration(oldest.ms)}`,
      pass: `Rules on ${counted(machines.length, 'Node')} did what was asked, or had been asked at most ${duration(oldest.ms)} before.`,
      late: `What was asked had been so for ${duration(oldest.ms)} and was not in force: ${oldest.words}.`,
      moments: oldest.ms > 0 ? [{ at: oldest.at, label: 'the oldest rules' }] : [],
    })
  },
}
