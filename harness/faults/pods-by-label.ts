import type { V1Pod } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import { eventually } from '../eventually.ts'
import type { Evidence } from '../record/records.ts'

/** Which pods a fault hits: by their labels, all of them or the first few by name. */
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

/** Those that are there and not being deleted already, by name. */
export async function podsByLabel(
  { kubernetes }: Cluster,
  { namespace, selector, count }: PodsByLabel,
): Promise<V1Pod[]> {
  const pods = await kubernetes.list<V1Pod>('v1', 'Pod', namespace, selector)
  return pods
    .filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
    .sort((a, b) => nameOf(a).localeCompare(nameOf(b)))
    .slice(0, count)
}

export async function noneFound(cluster: Cluster, which: PodsByLabel): Promise<string | undefined> {
  const found = await podsByLabel(cluster, which)
  return found.length === 0 ? `no pod with ${which.selector} is in ${which.namespace}` : undefined
}

export function nameOf({ metadata }: V1Pod): string {
  return metadata?.name ?? ''
}

/** Those of them that are still there as themselves and were not even asked to go. */
export async function untouched(cluster: Cluster, which: PodsByLabel, pods: readonly V1Pod[]): Promise<string[]> {
  const left = new Set(
    (await podsByLabel(cluster, { ...which, count: undefined })).map(({ metadata }) => metadata?.uid),
  )
  return pods.filter(({ metadata }) => left.has(metadata?.uid)).map(nameOf)
}

/** A deletion is not undone: it has ended when the last of what was deleted is gone. */
export async function gone(
  { kubernetes }: Cluster,
  { namespace, selector }: PodsByLabel,
  pods: readonly V1Pod[],
): Promise<readonly Evidence[]> {
  const uids = new Set(pods.map(({ metadata }) => metadata?.uid))
  const grace = Math.max(0, ...pods.map(({ spec }) => spec?.terminationGracePeriodSeconds ?? 0))
  await eventually(
    `${pods.length} pods with ${selector} to be gone`,
    async () => {
      const left = await kubernetes.list<V1Pod>('v1', 'Pod', namespace, selector)
      const held = left.filter(({ metadata }) => uids.has(metadata?.uid))
      if (held.length > 0) throw new Error(held.map(whatHolds).join('; '))
      return true
    },
    { withinMs: grace * 1000 + kubeletPatienceMs },
  )
  return [{ proves: 'none of the pods that were deleted is left', facts: { pods: pods.length, left: 0 } }]
}

/** Why a pod that is being deleted is still there. */
export function whatHolds({ metadata, status }: V1Pod): string {
  const pod = `pod ${metadata?.namespace}/${metadata?.name}`
  const { finalizers = [] } = metadata ?? {}
  if (finalizers.length > 0) return `${pod} is held by finalizer ${finalizers.join(', ')}`
  return `${pod} is ${status?.phase ?? 'there'} and its kubelet has not reported that its containers ended`
}

/** On top of a pod's own grace: what a kubelet needs to end containers and to say so. */
const kubeletPatienceMs = 60_000
