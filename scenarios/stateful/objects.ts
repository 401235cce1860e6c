import type { KubernetesObject } from '@kubernetes/client-node'
import { agnhostPod } from '../../harness/cluster/agnhost.ts'

type Applied = KubernetesObject & Record<string, unknown>

const storageClass = 'hf-local'
const hostname = 'kubernetes.io/hostname'

/** The pods leave a Node that was tainted as unreachable after this time. */
const tolerationSeconds = 2
const tolerations = ['unreachable', 'not-ready'].map((condition) => ({
  key: `node.kubernetes.io/${condition}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds,
}))

/** The pods of a claim of this class are placed first, and their volume is chosen on that Node. */
export const localStorage: Applied = {
  apiVersion: 'storage.k8s.io/v1',
  kind: 'StorageClass',
  metadata: { name: storageClass },
  provisioner: 'kubernetes.io/no-provisioner',
  volumeBindingMode: 'WaitForFirstConsumer',
}

/** A volume in a folder of one Node. */
export function localVolume(namespace: string, node: string): Applied {
  const isNode = { key: hostname, operator: 'In', values: [node] }
  return {
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name: `${namespace}-${node}` },
    spec: {
      capacity: { storage: '1Mi' },
      accessModes: ['ReadWriteOnce'],
      persistentVolumeReclaimPolicy: 'Retain',
      storageClassName: storageClass,
      hostPath: { path: `/tmp/${namespace}`, type: 'DirectoryOrCreate' },
      nodeAffinity: { required: { nodeSelectorTerms: [{ matchExpressions: [isNode] }] } },
    },
  }
}

interface SetOptions {
  readonly replicas: number
  /** Each pod has a volume of its own. */
  readonly withVolumes?: boolean
  /** The Node on which none of its pods may run. */
  readonly notOn?: string
}

/** A StatefulSet that starts and stops its pods in order. */
export function statefulSet(namespace: string, name: string, options: SetOptions): Applied {
  const { replicas, withVolumes = false, notOn } = options
  const labels = { app: name }
  const claim = {
    metadata: { name: 'data' },
    spec: {
      accessModes: ['ReadWriteOnce'],
      storageClassName: storageClass,
      resources: { requests: { storage: '1Mi' } },
    },
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    metadata: { name, namespace },
    spec: {
      replicas,
      serviceName: name,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { ...podSpec(withVolumes), tolerations, ...avoiding(notOn) } },
      ...(withVolumes ? { volumeClaimTemplates: [claim] } : {}),
    },
  }
}

export function daemonSet(namespace: string, name: string): Applied {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec: agnhostPod() } },
  }
}

function podSpec(withVolumes: boolean): Record<string, unknown> {
  const pod = agnhostPod()
  if (!withVolumes) return pod
  const containers = pod['containers'] as readonly object[]
  const volumeMounts = [{ name: 'data', mountPath: '/data' }]
  return { ...pod, containers: containers.map((container) => ({ ...container, volumeMounts })) }
}

function avoiding(node: string | undefined): object {
  if (node === undefined) return {}
  const other = { key: hostname, operator: 'NotIn', values: [node] }
  const required = { nodeSelectorTerms: [{ matchExpressions: [other] }] }
  return { affinity: { nodeAffinity: { requiredDuringSchedulingIgnoredDuringExecution: required } } }
}
