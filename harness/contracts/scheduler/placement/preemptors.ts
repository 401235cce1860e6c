import { misfit } from '../../../judge/cluster/node-fit.ts'
import { usagesOf } from '../../../judge/cluster/node-usage.ts'
import { objects, type Pod } from '../../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { watchDelayMs } from '../../bounds.ts'
import { placements } from '../placements.ts'

/** A pod that fits no Node, and would fit one without pods of lower priority. */
export interface Preemptor {
  readonly life: Life<Pod>
  readonly declinedAt: number
  /** The Nodes on which it would fit. */
  readonly nodes: readonly string[]
  /** The longest grace period of a pod of lower priority there. */
  readonly graceMs: number
}

export function preemptors(recording: Recording): Preemptor[] {
  return placements(recording).flatMap(({ life, declined }): Preemptor[] => {
    const report = life.versions.find(({ object }) => object.status.conditions.some(isUnschedulable))
    if (!declined || !report || !mayPreempt(report.object) || hasVolumes(report.record.object)) return []
    const lower = new Map(
      nodeNames(recording).flatMap((name): [string, readonly Pod[]][] => {
        const pods = lowerOn(recording, name, report.object, report.at)
        return pods.length === 0 ? [] : [[name, pods]]
      }),
    )
    const graces = [...lower.values()].flat().map(({ spec }) => spec.terminationGracePeriodSeconds * 1_000)
    const nodes = [...lower.keys()]
    return nodes.length === 0 ? [] : [{ life, declinedAt: report.at, nodes, graceMs: Math.max(...graces) }]
  })
}

const isUnschedulable = ({ type, status, reason }: Pod['status']['conditions'][number]): boolean =>
  type === 'PodScheduled' && status === 'False' && reason === 'Unschedulable'

/** Rules about other pods decide by more than requests. */
function mayPreempt({ spec }: Pod): boolean {
  const terms = spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution
  return spec.preemptionPolicy !== 'Never' && terms.length + spec.topologySpreadConstraints.length === 0
}

function hasVolumes({ spec }: Readonly<Record<string, unknown>>): boolean {
  return JSON.stringify(spec).includes('"persistentVolumeClaim"')
}

function nodeNames(recording: Recording): string[] {
  return [...new Set(objects(recording, 'nodes').lives.map(({ name }) => name))]
}

/** The pods of lower priority on a Node that a pod would fit without them; empty where it would not, or where a change may be unknown. */
function lowerOn(recording: Recording, name: string, pod: Pod, at: number): readonly Pod[] {
  const versions = objects(recording, 'nodes')
    .named('', name)
    .flatMap((life) => life.versions)
    .filter((one) => one.at <= at)
  const states = versions.filter((_, n) => (versions[n + 1]?.at ?? Infinity) > at - watchDelayMs)
  const [state] = states.toReversed()
  if (!state || states.some(({ deleted, object }) => deleted || misfit(pod, object, name) !== undefined)) return []
  const there = objects(recording, 'pods').lives.flatMap((life) => {
    const other = life.at(at)
    return other?.spec.nodeName === name && !isFinished(other) ? [other] : []
  })
  const staying = there.filter(({ spec }) => spec.priority >= pod.spec.priority)
  const fits = usagesOf([...staying, pod], state.object).every(({ requested, allocatable }) => requested <= allocatable)
  return fits ? there.filter(({ spec }) => spec.priority < pod.spec.priority) : []
}

const isFinished = ({ status }: Pod): boolean => status.phase === 'Succeeded' || status.phase === 'Failed'
