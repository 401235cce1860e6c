import { agnhostPod } from '../../harness/cluster/agnhost.ts'
import type { Machine } from '../../harness/cluster/machine/machine.ts'
import type { Workloads } from '../../harness/traffic/workloads/workloads.ts'

const evictingTaints = ['node.kubernetes.io/not-ready', 'node.kubernetes.io/unreachable']

/** Creates a Deployment with one pod a worker; its pods stay on an unreachable Node for that many seconds. */
export async function tolerantDeployment(
  workloads: Workloads,
  name: string,
  { replicas, seconds }: { readonly replicas: number; readonly seconds: number },
): Promise<void> {
  const labels = { app: name }
  const spread = {
    maxSkew: 1,
    topologyKey: 'kubernetes.io/hostname',
    whenUnsatisfiable: 'DoNotSchedule',
    nodeTaintsPolicy: 'Honor',
    labelSelector: { matchLabels: labels },
  }
  const spec = { ...agnhostPod(), tolerations: tolerations(seconds), topologySpreadConstraints: [spread] }
  await workloads.apply({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: workloads.namespace },
    spec: { replicas, selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  })
}

/** Creates a StatefulSet with one pod, which the scheduler places on `preferred` where that is possible. */
export async function statefulPod(workloads: Workloads, name: string, preferred: Machine): Promise<void> {
  const labels = { app: name }
  const here = { key: 'kubernetes.io/hostname', operator: 'In', values: [preferred.name] }
  const affinity = {
    nodeAffinity: {
      preferredDuringSchedulingIgnoredDuringExecution: [{ weight: 100, preference: { matchExpressions: [here] } }],
    },
  }
  await workloads.apply({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace: workloads.namespace },
    spec: {
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...agnhostPod(), affinity } },
    },
  })
}

function tolerations(tolerationSeconds: number): readonly object[] {
  return evictingTaints.map((key) => ({ key, operator: 'Exists', effect: 'NoExecute', tolerationSeconds }))
}
