import { audited } from '../../judge/recording/audited.ts'
import { isSuccess } from '../../judge/cluster/bindings.ts'
import type { Finding } from '../../judge/contract.ts'
import { type Drain, evictionsIn } from '../../judge/cluster/drains.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { budgetedEvictions } from './budgeted-evictions.ts'

/** kubectl's pause between two requests for one eviction, fixed in its code. */
const retryMs = 5_000

const found = findings({
  STOPPED_ASKING: ({ pod, silentMs }: { readonly pod: string; readonly silentMs: number }) =>
    `kubectl drain did not request the refused eviction of ${pod} again for ${duration(silentMs)}.`,
  REFUSED_UNTIL_LIMIT: ({ node, pods, refused, afterMs }: Refused) =>
    `The budgets allowed no eviction of ${counted(pods, 'pod')} on ${node}; kubectl drain requested ${counted(refused, 'eviction')} until its time limit after ${duration(afterMs)}.`,
})

interface Refused {
  readonly node: string
  readonly pods: number
  readonly refused: number
  readonly afterMs: number
}

/** Judges a drain with a time limit up to that limit. @throws InconclusiveError DRAIN_TIME_LIMIT */
export function refusedUntilLimit(
  recording: Recording,
  { node, command }: Drain,
  leaving: readonly Life<Pod>[],
): Finding {
  const beyond = new Set(budgetedEvictions(recording).flatMap((one) => (one.beyond ? [one.request] : [])))
  const stuck = leaving.map((life) => ({ life, own: evictionsIn(recording, command, life) }))
  const refused = stuck.filter(({ own }) => own.length > 0 && !own.some(isSuccess))
  for (const { life, own } of refused) {
    const silentMs = command.endedAt - (own.at(-1)?.at ?? command.at)
    if (silentMs > 2 * retryMs) {
      audited(recording)
      const details = { observed: 'an eviction not requested again', evidence: [command, ...own] }
      return found.fail('STOPPED_ASKING', { pod: life.name, silentMs }, details)
    }
  }
  const isExplained = refused.length > 0 && refused.every(({ own }) => own.slice(-1).every((one) => beyond.has(one)))
  if (!isExplained) {
    throw new InconclusiveError(`kubectl drain ${node} ended by its own time limit.`, 'DRAIN_TIME_LIMIT')
  }
  const count = refused.reduce((sum, { own }) => sum + own.length, 0)
  const values = { node, pods: refused.length, refused: count, afterMs: command.endedAt - command.at }
  const observed = `${counted(count, 'eviction')} refused until the time limit`
  return found.pass('REFUSED_UNTIL_LIMIT', values, {
    observed,
    evidence: [command, ...refused.flatMap(({ own }) => own)],
  })
}
