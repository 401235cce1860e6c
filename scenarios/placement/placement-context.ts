import type { V1Pod } from '@kubernetes/client-node'
import { idlePod, type Requests } from '../../harness/cluster/idle-pod.ts'
import type { Machine } from '../../harness/cluster/machine/machine.ts'
import type { ScenarioContext } from '../../harness/run/scenario.ts'

/** Without a request the scheduler counts a default. Zero leaves the scores of a Node as they were. */
export const nothing: Requests = { cpu: '0', memory: '0' }

const waitOptions = { timeoutMs: 60_000, intervalMs: 100 } as const

interface PodOptions {
  readonly requests?: Requests
  /** Fields of the pod's specification. */
  readonly spec?: object
}

export interface PlacementContext extends ScenarioContext {
  /** The workers that had no pods when the scenario began. */
  readonly empty: readonly Machine[]
  pod(name: string, app: string, options?: PodOptions): Promise<void>
  deployment(name: string, replicas: number, options?: PodOptions): Promise<void>
  /** Waits until `count` pods of an app have a Node. */
  untilPlaced(app: string, count: number): Promise<void>
  /** Waits until `count` pods of an app run. */
  untilRunning(app: string, count: number): Promise<void>
  /** Waits until the scheduler has reported that `count` pods of an app fit no Node. */
  untilDeclined(app: string, count: number): Promise<void>
}

export function placementContext(context: ScenarioContext, empty: readonly Machine[]): PlacementContext {
  const { traffic, until } = context
  const { workloads } = traffic
  const { namespace } = workloads
  const podsWith = async (app: string, holds: (pod: V1Pod) => boolean): Promise<number> =>
    (await traffic.pods(app)).filter(holds).length
  return {
    ...context,
    empty,
    pod: (name, app, { requests, spec } = {}) =>
      workloads.apply({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace, labels: { app } },
        spec: { ...idlePod(requests), ...spec },
      }),
    deployment: (name, replicas, { requests, spec } = {}) =>
      workloads.apply({
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name, namespace, labels: { app: name } },
        spec: {
          replicas,
          selector: { matchLabels: { app: name } },
          template: { metadata: { labels: { app: name } }, spec: { ...idlePod(requests), ...spec } },
        },
      }),
    untilPlaced: async (app, count) => {
      const placed = async (): Promise<boolean> => (await podsWith(app, isPlaced)) >= count
      await until(`${count} pods of ${app} to have a Node`, placed, waitOptions)
    },
    untilRunning: async (app, count) => {
      const running = async (): Promise<boolean> => (await podsWith(app, isRunning)) >= count
      await until(`${count} pods of ${app} to run`, running, waitOptions)
    },
    untilDeclined: async (app, count) => {
      const declined = async (): Promise<boolean> => (await podsWith(app, isDeclined)) >= count
      await until(`${count} pods of ${app} to be reported as unschedulable`, declined, waitOptions)
    },
  }
}

const isPlaced = ({ spec }: V1Pod): boolean => Boolean(spec?.nodeName)

const isRunning = ({ status }: V1Pod): boolean => status?.phase === 'Running'

const isDeclined = ({ status }: V1Pod): boolean =>
  (status?.conditions ?? []).some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable')

/** A required node affinity to some machines. */
export function onOneOf(machines: readonly Machine[]): object {
  const values = machines.map(({ name }) => name)
  const matchExpressions = [{ key: 'kubernetes.io/hostname', operator: 'In', values }]
  return {
    nodeAffinity: {
      requiredDuringSchedulingIgnoredDuringExecution: { nodeSelectorTerms: [{ matchExpressions }] },
    },
  }
}

/** The workers without pods. */
export async function emptyWorkers({ cluster }: ScenarioContext): Promise<Machine[]> {
  const pods = await cluster.kubernetes.list<V1Pod>('v1', 'Pod')
  const used = new Set(pods.map(({ spec }) => spec?.nodeName))
  return cluster.workers.filter(({ name }) => !used.has(name))
}
