import { z } from 'zod'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { hasCondition, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { RecordOf } from '../../record/records.ts'

/** A pod that was reported Ready for the first time, for some time, with unchanged containers. */
export interface ReadyAtTimes {
  readonly pod: string
  readonly forMs: number
  /** How long the pod stays Ready at least after its probe succeeded. */
  readonly leastMs: number
  readonly records: readonly RecordOf<'watch'>[]
}

const probed = z.object({
  spec: z
    .object({
      readinessGates: z.array(z.unknown()).default([]),
      containers: z
        .array(
          z.object({
            readinessProbe: z
              .object({ periodSeconds: z.number().default(10), failureThreshold: z.number().default(3) })
              .optional(),
          }),
        )
        .default([]),
    })
    .prefault({}),
  status: z
    .object({ containerStatuses: z.array(z.object({ containerID: z.string().default('') })).default([]) })
    .prefault({}),
})

/**
 * Pods of a Node that had never been Ready before a time, and were Ready for a part of it. Where that part is shorter
 * than `leastMs`, no probe succeeded. A pod that stays Ready may have been probed with success; pods with a readiness
 * gate are left out.
 */
export function readyAtTimes(
  pods: readonly Life<Pod>[],
  machine: string,
  time: Interval,
): { readonly judged: number; readonly ready: readonly ReadyAtTimes[] } {
  const unready = pods.filter((life) => {
    const before = life.at(time.from)
    const wasReady = life.versions.some(({ at, object }) => at <= time.from && isReady(object))
    return before?.spec.nodeName === machine && !wasReady && stayMs(life.versions[0]) !== undefined
  })
  return { judged: unready.length, ready: unready.flatMap((life) => partsOf(life, time)) }
}

function partsOf(life: Life<Pod>, time: Interval): ReadyAtTimes[] {
  const leastMs = stayMs(life.versions[0]) ?? 0
  return life.versions.flatMap((version, n): ReadyAtTimes[] => {
    const previous = life.versions[n - 1]
    if (version.at < time.from || version.at > time.until || !isReady(version.object)) return []
    if (!previous || isReady(previous.object)) return []
    const end = life.versions.slice(n).find(({ object }) => !isReady(object))
    if (!end || end.deleted || end.object.metadata.deletionTimestamp !== undefined) return []
    if (containersOf(previous) !== containersOf(end)) return []
    return [{ pod: life.name, forMs: end.at - version.at, leastMs, records: [version.record, end.record] }]
  })
}

function isReady(pod: Pod): boolean {
  return hasCondition(pod, 'Ready', 'True')
}

/**
 * How long a pod stays Ready after a success: its probe has to fail several times in a row. Undefined without a probe.
 */
function stayMs(version: Version<Pod> | undefined): number | undefined {
  const parsed = probed.safeParse(version?.record.object)
  if (!parsed.success || parsed.data.spec.readinessGates.length > 0) return undefined
  const stays = parsed.data.spec.containers.flatMap(({ readinessProbe: probe }) =>
    probe ? [(probe.failureThreshold - 1) * probe.periodSeconds * 1000] : [],
  )
  return stays.length > 0 ? Math.min(...stays) : undefined
}

function containersOf({ record }: Version<Pod>): string {
  const parsed = probed.safeParse(record.object)
  if (!parsed.success) return ''
  return parsed.data.status.containerStatuses
    .map(({ containerID }) => containerID)
    .sort()
    .join(' ')
}
