import type { AnyContract as Contract, LegacyFinding as Finding } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { nextChange } from '../../judge/proxy-rules/port-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireEvidence, requireNonEmpty, InconclusiveError } from '../../judge/inconclusive.ts'
import type { Bound } from '../../judge/verdict.ts'
import { counted, duration } from '../../judge/words.ts'
import { rulesRepair } from '../bounds.ts'
import { served } from '../settings.ts'
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
    const windows = requireNonEmpty(flushes(recording), "Nobody took kube-proxy's rules away.")
    const bound = rulesRepair(recording)
    let longest = 0
    for (const { from, until, target } of windows) {
      const [machine = ''] = target.machines
      const looks = looksOf.get(machine)
      const after = (looks?.looks ?? [])
        .filter(({ at }) => at >= from)
        .map((look) => ({ at: look.at, left: looks?.differences(look).length ?? 0 }))
      requireEvidence(
        after.find(({ left }) => left > 0),
        `No look at the rules of ${machine} shows that they were gone.`,
      )
      const since = noticeable(recording, from)
      const whole = after.find(({ left }) => left === 0)
      // What is whole once the fault was healed is no merit of kube-proxy's.
      if (!whole || whole.at > until) {
        const seen = after.findLast(({ at }) => at <= until)
        return notRepaired(machine, { forMs: (seen?.at ?? since) - since, left: seen?.left ?? 0, bound })
      }
      longest = Math.max(longest, whole.at - since)
    }
    const begun = isNft(recording)
      ? 'the first change after all of them were taken away'
      : 'all of them were taken away'
    return timed(longest, bound, {
      observed: duration(longest),
      pass: `The rules were whole again ${duration(longest)} after ${begun}.`,
      late: `The rules were whole again only ${duration(longest)} after ${begun}.`,
    })
  },
}

const isNft = (recording: Recording): boolean => served(recording, 'kube-proxy', 'mode') === 'nftables'

/**
 * From when on a kube-proxy has reason to look. One in mode iptables looks once in its sync period; one in mode nftables finds out
 * when it has something to write and can't, and tries again once in its sync period.
 * @throws InconclusiveError where it had nothing to write
 */
function noticeable(recording: Recording, from: number): number {
  if (!isNft(recording)) return from
  return requireEvidence(
    nextChange(recording, from)?.at,
    'No Service changed after the rules were taken away, and a kube-proxy in mode nftables looks only where it has something to write.',
  )
}

/** @throws InconclusiveError where they were looked at last, or put back by us, while kube-proxy still had time */
function notRepaired(
  machine: string,
  { forMs, left, bound }: { readonly forMs: number; readonly left: number; readonly bound: Bound },
): Finding {
  const seen = `The rules of ${machine} were not written again in ${duration(forMs)}`
  if (forMs <= bound.limit) throw new InconclusiveError(`${seen}, of the ${duration(bound.limit)} that kube-proxy had.`)
  return failed(`${seen} (${counted(left, 'difference')} left).`, { observed: `none in ${duration(forMs)}`, bound })
}
