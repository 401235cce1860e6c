import { InconclusiveError } from '../../judge/inconclusive.ts'
import type { Recording } from '../../judge/recording.ts'
import { nodeMachines } from '../../judge/scene.ts'
import type { RecordOf } from '../../record/records.ts'
import { proxySync } from '../bounds.ts'
import { type Exposed, isBalanced } from './exposed.ts'

/** The chance at which a pod that no connection reached is taken for one that can't be reached. */
const chance = 1e-6

type Sample = RecordOf<'sample'>

/** Series of connections to a balanced Service after its slices were complete, until the chain ended. */
export function usesOf(recording: Recording, { life, service, complete, chain }: Exposed): Sample[] {
  if (!isBalanced(life)) return []
  const from = (complete.at ?? Infinity) + proxySync(recording).limit
  return recording
    .of('sample')
    .filter((one) => one.service === service && from <= one.at && one.endedAt <= chain.endsAt)
}

/**
 * The first Node on which some pods answered no connection.
 * @throws InconclusiveError where a Node did not use the Service, or not often enough to reach each pod
 */
export function unreachable(
  recording: Recording,
  { service, pods }: Exposed,
  uses: readonly Sample[],
): { readonly node: string; readonly missed: readonly string[] } | undefined {
  if (uses.length === 0) return undefined
  const protocols = [...new Set(uses.map(({ protocol }) => protocol))]
  for (const node of nodeMachines(recording)) {
    const missed = protocols.flatMap((protocol) => {
      const own = uses.filter((one) => one.from === node && one.protocol === protocol)
      requireEnough(own, pods.length, `${service} on ${node} over ${protocol}`)
      return pods
        .filter((pod) => !own.some(({ backends }) => backends[pod]))
        .map((pod) => `${pod} over ${protocol.toUpperCase()}`)
    })
    if (missed.length > 0) return { node, missed }
  }
  return undefined
}

function requireEnough(own: readonly Sample[], pods: number, use: string): void {
  const attempts = own.reduce((sum, one) => sum + one.attempts, 0)
  if (attempts === 0) throw new InconclusiveError(`No use of ${use} was recorded.`, 'NOT_PROBED')
  if ((1 - 1 / pods) ** attempts <= chance) return
  throw new InconclusiveError(`${attempts} connections to ${use} do not show whether ${pods} pods answer.`, 'TOO_FEW')
}
