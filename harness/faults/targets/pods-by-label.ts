import type { V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Facts } from '../../agent/rpc/results.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { eventually } from '../../common/eventually.ts'
import type { Evidence } from '../../record/records.ts'
import { nameOf, runningContainers, runningPods, withPhases } from './running-pods.ts'

/** Selects running pods by label: all, or the first `count` by name. */
export const podsByLabelOptions = z.object({
  namespace: z.string().min(1).describe('namespace of the pods'),
  /** In the syntax of kubectl. */
  selector: z.string().min(1).describe('label selector of the pods, for example app=web'),
  count: z.number().int().positive().optional().describe('maximum number of pods; all if omitted'),
})

export type PodsByLabel = z.output<typeof podsByLabelOptions>

/** Returns the selected pods with a running container and without a deletion time, by name. @throws when there are none */
export async function podsByLabel(cluster: Cluster, which: PodsByLabel): Promise<V1Pod[]> {
  const found = runningPods(await labelled(cluster, which)).slice(0, which.count)
  if (found.length === 0)
    throw new Error((await noneFound(cluster, which)) ?? 'the selected pods ended before the fault')
  return found
}

/** Why no selected pod has a running container, or undefined. */
export async function noneFound(cluster: Cluster, which: PodsByLabel): Promise<string | undefined> {
  const { namespace, selector } = which
  const all = await labelled(cluster, which)
  if (runningPods(all).length > 0) return undefined
  if (all.length === 0) return `the namespace ${namespace} has no pod with ${selector}`
  return `no pod with ${selector} in ${namespace} has a running container: ${withPhases(all)}`
}

/** Facts about the running containers of pods. */
export function whatRan(pods: readonly V1Pod[]): Facts {
  const running = pods.flatMap((pod) => runningContainers(pod))
  return {
    pods: pods.length,
    names: pods.map(nameOf).join(' '),
    containers: running.length,
    containerIds: running.flatMap(({ containerID }) => containerID ?? []).join(' '),
  }
}

/** Divides the pods that still exist (by uid) into terminating and untouched ones. */
export async function fatesOf(
  { kubernetes }: Cluster,
  { namespace }: PodsByLabel,
  pods: readonly V1Pod[],
): Promise<{ readonly going: readonly V1Pod[]; readonly untouched: readonly V1Pod[] }> {
  const uids = new Set(pods.map(({ metadata }) => metadata?.uid))
  const left = (await kubernetes.list<V1Pod>('v1', 'Pod', namespace)).filter(({ metadata }) => uids.has(metadata?.uid))
  const isGoing = ({ metadata }: V1Pod): boolean => metadata?.deletionTimestamp !== undefined
  return { going: left.filter(isGoing), untouched: left.filter((pod) => !isGoing(pod)) }
}

/** Waits until every deleted pod is gone: a deletion is not reverted. */
export async function gone(cluster: Cluster, which: PodsByLabel, pods: readonly V1Pod[]): Promise<readonly Evidence[]> {
  const grace = Math.max(0, ...pods.map(({ spec }) => spec?.terminationGracePeriodSeconds ?? 0))
  await eventually(
    `deletion of ${pods.length} pods with ${which.selector}`,
    async () => {
      const { going, untouched } = await fatesOf(cluster, which, pods)
      const left = [...going, ...untouched]
      if (left.length > 0) throw new Error(left.map(whyStill).join('; '))
      return true
    },
    { timeoutMs: grace * 1000 + kubeletTimeoutMs },
  )
  return [{ proves: 'the deleted pods are gone', facts: { pods: pods.length, left: 0 } }]
}

/** Added to a pod's grace period: time for the kubelet to end containers and report it. */
const kubeletTimeoutMs = 60_000

/** Describes why a pod still exists. Exported for its test. */
export function whyStill(pod: V1Pod): string {
  const { finalizers = [], deletionTimestamp } = pod.metadata ?? {}
  const running = runningContainers(pod).map(({ name }) => name)
  return [
    `pod ${nameOf(pod)} exists`,
    ...(deletionTimestamp === undefined ? ['it is not being deleted'] : []),
    ...(finalizers.length > 0 ? [`it has the finalizers ${finalizers.join(', ')}`] : []),
    ...(running.length > 0 ? [`its containers run: ${running.join(', ')}`] : []),
  ].join(', ')
}

async function labelled({ kubernetes }: Cluster, { namespace, selector }: PodsByLabel): Promise<V1Pod[]> {
  return kubernetes.list<V1Pod>('v1', 'Pod', namespace, selector)
}
