import type { V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Facts } from '../cluster/agent/protocol.ts'
import type { Cluster } from '../cluster/cluster.ts'
import { eventually } from '../eventually.ts'
import type { Evidence } from '../record/records.ts'
import { nameOf, runningContainers, runningPods, withPhases } from './running-pods.ts'

/** Which pods a fault hits: by their labels, all of them that run or the first few by name. */
export interface PodsByLabel {
  readonly namespace: string
  /** A label selector as kubectl takes it: `app=web`. */
  readonly selector: string
  /** How many at the most. Default: all. */
  readonly count?: number | undefined
}

/** The same for people at a command line. */
export const podsByLabelOptions = {
  namespace: z.string().min(1).describe('where the pods are'),
  selector: z.string().min(1).describe('their labels, as kubectl takes them: app=web'),
  count: z.number().int().positive().optional().describe('how many of them at the most; all unless it is said'),
}

/** Those with a running container that are not being deleted already, by name. @throws when none is left */
export async function podsByLabel(cluster: Cluster, which: PodsByLabel): Promise<V1Pod[]> {
  const found = runningPods(await labelled(cluster, which)).slice(0, which.count)
  if (found.length === 0) throw new Error((await noneFound(cluster, which)) ?? 'the pods have come and gone')
  return found
}

/** Why there is nothing to hit, or undefined: a pod that is Completed runs nothing. */
export async function noneFound(cluster: Cluster, which: PodsByLabel): Promise<string | undefined> {
  const { namespace, selector } = which
  const all = await labelled(cluster, which)
  if (runningPods(all).length > 0) return undefined
  if (all.length === 0) return `no pod with ${selector} is in ${namespace}`
  return `no pod with ${selector} in ${namespace} has a running container: ${withPhases(all)}`
}

/** What ran of the pods when they were hit. */
export function whatRan(pods: readonly V1Pod[]): Facts {
  const running = pods.flatMap((pod) => runningContainers(pod))
  return {
    pods: pods.length,
    names: pods.map(nameOf).join(' '),
    containers: running.length,
    containerIds: running.flatMap(({ containerID }) => containerID ?? []).join(' '),
  }
}

/** What became of pods (by uid, whatever their labels are now): gone, on their way, or as if nothing had been. */
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

/** A deletion is not undone: it has ended when the last of what was deleted is gone. */
export async function gone(cluster: Cluster, which: PodsByLabel, pods: readonly V1Pod[]): Promise<readonly Evidence[]> {
  const grace = Math.max(0, ...pods.map(({ spec }) => spec?.terminationGracePeriodSeconds ?? 0))
  await eventually(
    `${pods.length} pods with ${which.selector} to be gone`,
    async () => {
      const { going, untouched } = await fatesOf(cluster, which, pods)
      const left = [...going, ...untouched]
      if (left.length > 0) throw new Error(left.map(whyStill).join('; '))
      return true
    },
    { withinMs: grace * 1000 + kubeletPatienceMs },
  )
  return [{ proves: 'none of the pods that were deleted is left', facts: { pods: pods.length, left: 0 } }]
}

/** On top of a pod's own grace: what a kubelet needs to end containers and to say so. */
const kubeletPatienceMs = 60_000

/** What keeps a pod in the API, as far as the API tells. Exported for its test. */
export function whyStill(pod: V1Pod): string {
  const { finalizers = [], deletionTimestamp } = pod.metadata ?? {}
  const running = runningContainers(pod).map(({ name }) => name)
  return [
    `pod ${nameOf(pod)} is there`,
    ...(deletionTimestamp === undefined ? ['it is not being deleted'] : []),
    ...(finalizers.length > 0 ? [`held by the finalizers ${finalizers.join(', ')}`] : []),
    ...(running.length > 0 ? [`its containers run: ${running.join(', ')}`] : []),
  ].join(', ')
}

async function labelled({ kubernetes }: Cluster, { namespace, selector }: PodsByLabel): Promise<V1Pod[]> {
  return kubernetes.list<V1Pod>('v1', 'Pod', namespace, selector)
}
