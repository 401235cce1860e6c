import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { pauseBetweenTaintsMs, watchDelayMs } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'
import { type EvictingTaint, evictingTaints } from './evicting-taints.ts'
import { zoneOf } from './zone-health.ts'

/** Two Nodes of a zone that the node controller tainted for eviction, one directly after the other. */
interface Pair {
  readonly first: EvictingTaint
  readonly second: EvictingTaint
}

interface Paced {
  readonly first: string
  readonly second: string
  readonly afterMs: number
}

const found = findings({
  EVICTED_AT_ONCE: ({ first, second, afterMs }: Paced) =>
    `The node controller tainted ${second} for eviction ${duration(afterMs)} after ${first} of the same zone.`,
  EVICTIONS_PACED: ({ first, second, afterMs, pairs }: Paced & { readonly pairs: number }) =>
    `${counted(pairs, 'pair')} of Nodes of a zone were tainted for eviction one after the other, the closest ${second} ${duration(afterMs)} after ${first}.`,
})

const unreachable = 'node.kubernetes.io/unreachable'

/** NODE-08 */
export const pacesEvictions = defineContract<Pair>({
  id: 'NODE-08',
  area: 'nodes',
  promise: 'The node controller starts the eviction of pods on at most one Node of a zone in 10 s.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/nodes/#rate-limits-on-eviction',
  stimulus: { needs: 'two Nodes of a zone that are tainted for eviction by the same node controller', find: pairs },
  judge: (recording, all) => gravest(all, (pair) => paced(recording, pair, all.length)),
})

/** A new leader of the controller manager has no record of the taints of the old one. */
function pairs(recording: Recording): Pair[] {
  const unable = unableTimes(recording, 'kube-controller-manager')
  const zones = Map.groupBy(
    evictingTaints(recording).filter(({ key }) => key === unreachable),
    ({ added }) => zoneOf(added.object),
  )
  const found = [...zones.values()].flatMap((taints) => {
    const inOrder = taints.toSorted((a, b) => a.added.at - b.added.at)
    return inOrder.slice(1).flatMap((second, n): Pair[] => {
      const first = inOrder[n]
      if (!first || first.node === second.node) return []
      const isDisturbed = unable.some(({ from, until }) => from < second.added.at && first.added.at < until)
      return isDisturbed ? [] : [{ first, second }]
    })
  })
  return found.toSorted((a, b) => pauseOf(a) - pauseOf(b))
}

function pauseOf({ first, second }: Pair): number {
  return second.added.at - first.added.at
}

function paced(recording: Recording, { first, second }: Pair, count: number): Finding {
  const [from, until] = [first.added.at, second.added.at]
  requireWatched(recording, 'nodes', from - watchDelayMs, until)
  const afterMs = Math.round(pauseOf({ first, second }))
  const bound = {
    limit: pauseBetweenTaintsMs,
    unit: 'ms' as const,
    source: `at least: node-eviction-rate 0.1, the documented default, - ${duration(watchDelayMs)} by which a watch may report the first taint late`,
  }
  const values = { first: first.node.name, second: second.node.name, afterMs }
  const details = {
    observed: `${duration(afterMs)} between two Nodes`,
    moments: [{ at: until, label: `${second.node.name} tainted for eviction` }],
    evidence: [first.added.record, second.added.record],
  }
  return afterMs < pauseBetweenTaintsMs - watchDelayMs
    ? found.fail('EVICTED_AT_ONCE', values, { ...details, measured: afterMs, bound })
    : found.pass('EVICTIONS_PACED', { ...values, pairs: count }, details)
}
