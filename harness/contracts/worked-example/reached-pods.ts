import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines } from '../../judge/recording/cluster-facts.ts'
import type { RecordOf } from '../../record/records.ts'
import { proxySync } from '../bounds.ts'
import { type Exposed, isBalanced } from './exposed.ts'

/**
 * The largest probability that a reachable pod gets no connection, at which a pod without connections counts as
 * unreachable.
 */
const chance = 1e-6

type Sample = RecordOf<'sample'>

/** Series of connections to a balanced Service after its slices were complete, until the chain ended. */
export function usesOf(recording: Recording, { life, service, complete, chain }: Exposed): Sample[] {
  if (!isBalanced(life)) return []
  const from = complete.at ?? Infinity
  return recording
    .of('sample')
    .filter((one) => one.service === service && from <= one.at && one.endedAt <= chain.endsAt)
}

/**
 * The first Node on which some pods answered no connection. A sample that began before kube-proxy had to follow the
 * slices only proves which pods answered.
 * @throws InconclusiveError NOT_PROBED, TOO_FEW: a pod answered no connection on a Node that used the Service too
 * little
 */
export function unreachable(
  recording: Recording,
  { service, pods, complete }: Exposed,
  uses: readonly Sample[],
): { readonly node: string; readonly missed: readonly string[] } | undefined {
  if (uses.length === 0) return undefined
  const followedAt = (complete.at ?? Infinity) + proxySync(recording).limit
  const protocols = [...new Set(uses.map(({ protocol }) => protocol))]
  let open: InconclusiveError | undefined
  for (const node of nodeMachines(recording)) {
    const missed = protocols.flatMap((protocol) => {
      const own = uses.filter((one) => one.from === node && one.protocol === protocol)
      const silent = pods.filter((pod) => !own.some(({ backends }) => backends[pod]))
      const late = own.filter(({ at }) => at >= followedAt)
      const tooFew = tooFewUses(late, pods.length, `${service} on ${node} over ${protocol}`)
      if (silent.length > 0 && tooFew) open ??= tooFew
      return tooFew ? [] : silent.map((pod) => `${pod} over ${protocol.toUpperCase()}`)
    })
    if (missed.length > 0) return { node, missed }
  }
  if (open) throw open
  return undefined
}

function tooFewUses(own: readonly Sample[], pods: number, use: string): InconclusiveError | undefined {
  const attempts = own.reduce((sum, one) => sum + one.attempts, 0)
  if (attempts === 0) return new InconclusiveError(`No use of ${use} was recorded.`, 'NOT_PROBED')
  if ((1 - 1 / pods) ** attempts <= chance) return undefined
  return new InconclusiveError(
    `${attempts} connections to ${use} are too few to show whether ${pods} pods answer.`,
    'TOO_FEW',
  )
}
