import { audited } from '../../judge/recording/audited.ts'
import { bindings, isSuccess } from '../../judge/cluster/bindings.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { type Drain, drains, evictionsIn } from '../../judge/cluster/drains.ts'
import { overlaps } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { isActive, isMirror, isOwnedBy, objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import { tolerates } from '../../judge/recording/tolerations.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/verdict/format.ts'
import { watchDelayMs } from '../bounds.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'
import { refusedUntilLimit } from './drain-limit.ts'

const unschedulable = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

interface OnNode {
  readonly node: string
  readonly pod: string
}

const found = findings({
  DRAIN_FAILED: ({
    node,
    exitCode,
    error,
  }: {
    readonly node: string
    readonly exitCode: number
    readonly error: string
  }) => `kubectl drain ${node} ended with exit code ${exitCode}: ${error}`,
  NOT_CORDONED: ({ node }: { readonly node: string }) => `${node} was not marked unschedulable.`,
  PLACED_ON_CORDONED_NODE: ({ node, pods }: { readonly node: string; readonly pods: readonly string[] }) =>
    `The scheduler bound ${listed(pods)} to ${node} while the Node was unschedulable.`,
  NOT_EVICTED: ({ node, pod, refused }: OnNode & { readonly refused: number }) =>
    `The audit log has no granted eviction of ${pod} on ${node}, only ${counted(refused, 'refused eviction')}.`,
  RETURNED_EARLY: ({ node, pod }: OnNode) => `kubectl drain ${node} returned while ${pod} was still terminating.`,
  DRAINED: ({ node, pods, retried, afterMs }: Drained) =>
    `kubectl drain evicted ${counted(pods, 'pod')} from ${node} in ${duration(afterMs)}; ${counted(retried, 'eviction')} succeeded after a refusal.`,
})

interface Drained {
  readonly node: string
  readonly pods: number
  readonly retried: number
  readonly afterMs: number
}

export const drain = defineContract<Drain>({
  id: 'WL-10',
  area: 'workloads',
  promise:
    'kubectl drain marks the Node unschedulable, evicts its pods, repeats refused evictions, and returns when the pods have ended.',
  reference: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
  stimulus: { needs: 'a kubectl drain that returned without an interruption', find: drains },
  judge: (recording, all) => gravest(all, (one) => drained(recording, one)),
})

function drained(recording: Recording, own: Drain): Finding {
  const { node, command, timedOut } = own
  requireWatched(recording, 'pods', command.at, command.endedAt + watchDelayMs)
  requireWatched(recording, 'nodes', command.at, command.endedAt)
  if (command.exitCode !== 0 && !timedOut) return failed(recording, own)
  const open = placedWhileClosed(recording, own)
  if (open) return open
  const leaving = objects(recording, 'pods').lives.filter((life) => {
    const pod = life.at(command.at)
    return pod?.spec.nodeName === node && isActive(pod) && !isMirror(pod) && !isOwnedBy(pod, 'DaemonSet')
  })
  return timedOut ? refusedUntilLimit(recording, own, leaving) : emptied(recording, own, leaving)
}

/** @throws InconclusiveError API_DISTURBED where a fault may have been the reason */
function failed(recording: Recording, { node, command }: Drain): Finding {
  const time = { from: command.at, until: command.endedAt }
  if (unableTimes(recording, 'kube-controller-manager').some((one) => overlaps(one, time))) {
    throw new InconclusiveError(
      `kubectl drain ${node} failed while a fault disturbed the control plane.`,
      'API_DISTURBED',
    )
  }
  const { exitCode } = command
  const error = command.stderr.trim().split('\n').at(-1) ?? ''
  return found.fail(
    'DRAIN_FAILED',
    { node, exitCode, error },
    { observed: `exit code ${exitCode}`, evidence: [command] },
  )
}

function placedWhileClosed(recording: Recording, { node, command, closed, openedAt }: Drain): Finding | undefined {
  if (!closed) return found.fail('NOT_CORDONED', { node }, { observed: 'not cordoned', evidence: [command] })
  const placed = bindings(recording).filter((one) => {
    if (!one.bound || one.node !== node || one.at <= closed.at + watchDelayMs || one.at >= openedAt) return false
    const pod = objects(recording, 'pods').named(one.namespace, one.pod).at(-1)?.versions[0]?.object
    return !pod || !tolerates(pod, unschedulable)
  })
  if (placed.length === 0) return undefined
  return found.fail(
    'PLACED_ON_CORDONED_NODE',
    { node, pods: placed.map(({ pod }) => pod) },
    {
      observed: `${counted(placed.length, 'pod')} placed on an unschedulable Node`,
      evidence: [closed.record, ...placed.map(({ record }) => record)],
    },
  )
}

function emptied(recording: Recording, { node, command }: Drain, leaving: readonly Life<Pod>[]): Finding {
  const skipsWait = command.argv.some((word) => word.startsWith('--skip-wait-for-delete-timeout'))
  const evidence = [command]
  const broken = firstBreach(
    ...leaving.flatMap((life) => [
      () => notEvicted(recording, life, { node, command }),
      () => {
        if (skipsWait || life.deletedAt <= command.endedAt + watchDelayMs) return undefined
        return found.fail('RETURNED_EARLY', { node, pod: life.name }, { observed: 'returned too early', evidence })
      },
    ]),
  )
  if (broken) return broken
  const retried = leaving.filter((life) =>
    evictionsIn(recording, command, life).some(({ code }) => code === 429),
  ).length
  const afterMs = command.endedAt - command.at
  const values = { node, pods: leaving.length, retried, afterMs }
  return found.pass('DRAINED', values, {
    observed: `${counted(leaving.length, 'pod')} gone after ${duration(afterMs)}`,
    evidence,
  })
}

/** @throws InconclusiveError NOT_AUDITED where an eviction may be missing */
function notEvicted(
  recording: Recording,
  life: Life<Pod>,
  { node, command }: Pick<Drain, 'node' | 'command'>,
): Finding | undefined {
  const own = evictionsIn(recording, command, life)
  if (own.some(isSuccess) || wasDeleted(recording, life)) return undefined
  audited(recording)
  const details = { observed: 'a pod that was not evicted', evidence: [command, ...own] }
  return found.fail('NOT_EVICTED', { node, pod: life.name, refused: own.length }, details)
}

/** Whether another client or controller deleted the pod. */
function wasDeleted(recording: Recording, { namespace, name }: Life<Pod>): boolean {
  return recording
    .of('audit')
    .some(
      (one) =>
        one.resource === 'pods' &&
        one.namespace === namespace &&
        isSuccess(one) &&
        ((one.verb === 'delete' && one.name === name && !one.user.startsWith('system:node:')) ||
          one.verb === 'deletecollection'),
    )
}
