import type { Contract } from '../../judge/contract.ts'
import { failed, timed } from '../../judge/finding.ts'
import { need, needSome } from '../../judge/undecided.ts'
import { counted, duration } from '../../judge/words.ts'
import { rulesRepair } from '../bounds.ts'
import { flushes, proxyScene, reference, scenarios } from './scene.ts'

/** PROXY-05 */
export const repair: Contract = {
  id: 'PROXY-05',
  area: 'kube-proxy',
  promise: 'A kube-proxy notices that its rules were taken away by somebody else, and writes them again.',
  reference,
  scenarios,
  judge(recording) {
    const { looksOf } = proxyScene(recording)
    const windows = needSome(flushes(recording), "Nobody took kube-proxy's rules away.")
    const bound = rulesRepair(recording)
    let longest = 0
    for (const { from, until, target } of windows) {
      const [machine = ''] = target.machines
      const looks = looksOf.get(machine)
      const after = (looks?.looks ?? []).filter(({ at }) => at >= from)
      need(
        after.find((look) => (looks?.differences(look).length ?? 0) > 0),
        `No look at the rules of ${machine} shows that they were gone.`,
      )
      const whole = after.find((look) => looks?.differences(look).length === 0)
      const seenUntil = Math.min(until, after.at(-1)?.at ?? from)
      if (!whole || whole.at > until) {
        const missing = counted(
          looks?.differences(after.at(-1) ?? { at: 0, endedAt: 0, hash: '' }).length ?? 0,
          'difference',
        )
        return failed(
          `The rules of ${machine} were not written again in ${duration(seenUntil - from)} (${missing} left).`,
          {
            observed: `none in ${duration(seenUntil - from)}`,
            bound,
          },
        )
      }
      longest = Math.max(longest, whole.at - from)
    }
    return timed(longest, bound, {
      observed: duration(longest),
      pass: `The rules were whole again ${duration(longest)} after all of them were taken away.`,
      late: `The rules were whole again only ${duration(longest)} after all of them were taken away.`,
    })
  },
}
