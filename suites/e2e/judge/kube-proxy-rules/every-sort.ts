import type { V1Service, V1ServiceSpec } from '@kubernetes/client-node'
import type { Traffic } from '../../../../harness/traffic/traffic.ts'

/** A session affinity timeout that a client can return within and that a test can wait for. */
export const briefSeconds = 2

const sorts = {
  outside: ['edge', { type: 'NodePort', externalTrafficPolicy: 'Local' }],
  inside: ['edge', { internalTrafficPolicy: 'Local' }],
  balanced: ['edge', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }],
  hidden: ['unready', {}],
  published: ['unready', { publishNotReadyAddresses: true }],
  sink: ['sink', {}],
  sticky: ['web', remembering(10)],
  forgetful: ['web', remembering(briefSeconds)],
  headless: ['web', { clusterIP: 'None' }],
  'headless-hidden': ['unready', { clusterIP: 'None' }],
} as const satisfies Record<string, readonly [app: string, spec: Omit<V1ServiceSpec, 'selector' | 'ports'>]>

type Sort = keyof typeof sorts

/** Creates a Service of every kind with its pods. */
export async function everySort(traffic: Traffic): Promise<Readonly<Record<Sort, V1Service>>> {
  const { workloads } = traffic
  await Promise.all([
    traffic.deploy('web', { replicas: 3 }),
    workloads.deployment('edge', { replicas: 1, slowStopSeconds: 20, graceSeconds: 40 }),
    workloads.deployment('unready', { replicas: 1, neverReady: true }),
    workloads.deployment('sink', { replicas: 1, slowStopSeconds: 0 }),
  ])
  await Promise.all([workloads.rolloutComplete('edge'), workloads.rolloutComplete('sink')])
  const made = Object.entries(sorts).map(
    async ([name, [app, spec]]) => [name, await workloads.serviceOf(name, app, spec)] as const,
  )
  return Object.fromEntries(await Promise.all(made)) as Record<Sort, V1Service>
}

function remembering(timeoutSeconds: number): Pick<V1ServiceSpec, 'sessionAffinity' | 'sessionAffinityConfig'> {
  return { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } }
}
