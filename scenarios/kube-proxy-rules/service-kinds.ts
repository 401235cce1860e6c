import type { V1Service, V1ServiceSpec } from '@kubernetes/client-node'
import type { ScenarioContext } from '../../harness/run/scenario.ts'

/** A session affinity timeout that a client can return within and that a test can wait for. */
export const briefSeconds = 2

/** The pods that each Service selects, and its settings. */
const kinds = {
  outside: ['edge', { type: 'NodePort', externalTrafficPolicy: 'Local' }],
  inside: ['edge', { internalTrafficPolicy: 'Local' }],
  hidden: ['unready', {}],
  published: ['unready', { publishNotReadyAddresses: true }],
  sink: ['sink', {}],
  sticky: ['web', clientIpAffinity(10)],
  forgetful: ['web', clientIpAffinity(briefSeconds)],
  balanced: ['edge', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }],
  'every-port': ['web', { type: 'NodePort' }],
  headless: ['web', { clusterIP: 'None' }],
  'headless-hidden': ['unready', { clusterIP: 'None' }],
  'headless-published': ['unready', { clusterIP: 'None', publishNotReadyAddresses: true }],
} as const satisfies Readonly<Record<string, readonly [string, V1ServiceSpec]>>

export type Services = Readonly<Record<keyof typeof kinds, V1Service>>

export const headless = ['headless', 'headless-hidden', 'headless-published'] as const

/** The Services for which kube-proxy writes rules. */
export const withRules: readonly string[] = [
  'web',
  ...Object.keys(kinds).filter((name) => !headless.some((one) => one === name)),
]

/** Creates pods and Services of every kind, and probes some of them. */
export async function createServices({ traffic, step }: ScenarioContext): Promise<Services> {
  const { workloads } = traffic
  step('create Services of every kind')
  await Promise.all([
    traffic.deploy('web', { replicas: 3 }),
    workloads.deployment('edge', { replicas: 1, slowStopSeconds: 12, graceSeconds: 30 }),
    workloads.deployment('unready', { replicas: 1, neverReady: true }),
    workloads.deployment('sink', { replicas: 1, slowStopSeconds: 0 }),
  ])
  await Promise.all([workloads.rolloutComplete('edge'), workloads.rolloutComplete('sink')])
  const created = await Promise.all(
    Object.entries(kinds).map(async ([name, [app, spec]]) => [name, await workloads.serviceOf(name, app, spec)]),
  )
  await traffic.useService('sticky')
  await traffic.probe('web')
  await traffic.probe('web', ['cluster-ip'], { connection: 'kept' })
  await traffic.probe('sticky')
  return Object.fromEntries(created) as Services
}

function clientIpAffinity(timeoutSeconds: number): V1ServiceSpec {
  return { sessionAffinity: 'ClientIP', sessionAffinityConfig: { clientIP: { timeoutSeconds } } }
}
