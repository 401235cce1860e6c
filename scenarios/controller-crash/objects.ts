import type { KubernetesObject } from '@kubernetes/client-node'
import { agnhostPod, scriptPod } from '../../harness/cluster/agnhost.ts'

type Applied = KubernetesObject & Record<string, unknown>

export interface RolloutOptions {
  readonly replicas: number
  /** A new version is a new pod template. Default: 1. */
  readonly version?: number
  /** How long its pods serve after SIGTERM. */
  readonly slowStopSeconds?: number
  readonly neverReady?: boolean
  readonly progressDeadlineSeconds?: number
  readonly finalizers?: readonly string[]
}

/** A Deployment with at most one pod more and one available pod fewer during a rollout. */
export function deployment(namespace: string, name: string, options: RolloutOptions): Applied {
  const {
    replicas,
    version = 1,
    slowStopSeconds = 0,
    neverReady = false,
    progressDeadlineSeconds,
    finalizers,
  } = options
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace, labels, ...(finalizers ? { finalizers: [...finalizers] } : {}) },
    spec: {
      replicas,
      ...(progressDeadlineSeconds === undefined ? {} : { progressDeadlineSeconds }),
      selector: { matchLabels: labels },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
      template: {
        metadata: { labels, annotations: { version: String(version) } },
        spec: agnhostPod({ slowStopSeconds, graceSeconds: slowStopSeconds + 5, neverReady }),
      },
    },
  }
}

export interface JobOptions {
  readonly completions: number
  readonly parallelism: number
  readonly backoffLimit: number
  readonly script: string
}

/** A Job whose pods run a shell script once. */
export function job(namespace: string, name: string, { script, ...options }: JobOptions): Applied {
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name, namespace },
    spec: {
      ...options,
      template: {
        metadata: { labels: { app: name } },
        spec: scriptPod(script),
      },
    },
  }
}
