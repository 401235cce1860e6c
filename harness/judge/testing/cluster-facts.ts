/** The monotonic time at which the scenario of every sample journal begins. */
export const start = 1_000_000

export const nodes = ['control-plane1', 'control-plane2', 'worker1', 'worker2', 'worker3'] as const

export function nodeObject(
  ready: 'True' | 'Unknown',
  more: { unschedulable?: boolean; taints?: readonly string[] } = {},
): Record<string, unknown> {
  const taints = (more.taints ?? []).map((effect) => ({ key: 'node.kubernetes.io/unreachable', effect }))
  const spec = { taints, ...(more.unschedulable ? { unschedulable: true } : {}) }
  return { spec, status: { conditions: [{ type: 'Ready', status: ready }], allocatable: { cpu: '4', pods: '110' } } }
}

/** The status of the container of a pod with an address, as its Node's runtime lists it. */
export function runningContainer(address: string): readonly object[] {
  return [{ containerID: `containerd://id-${address}`, state: { running: {} } }]
}

const machines = [
  ...['etcd1', 'etcd2', 'etcd3'].map((name) => ({ name, roles: ['etcd' as const], node: false })),
  ...['control-plane1', 'control-plane2'].map((name) => ({ name, roles: ['control-plane' as const], node: true })),
  ...['worker1', 'worker2', 'worker3'].map((name) => ({ name, roles: ['worker' as const], node: true })),
].map((machine, index) => ({ ...machine, address: `10.0.0.${11 + index}` }))

export function addressOf(machine: string): string {
  return machines.find(({ name }) => name === machine)?.address ?? machine
}

const runRecord = {
  kind: 'run',
  schema: 1,
  run: 'sound',
  startedAt: '2026-01-01T00:00:00.000Z',
  seed: 1,
  command: 'test',
  versions: { kubernetes: 'v1.37.2' },
  host: { cores: 2, memoryBytes: 1, kernel: 'none' },
} as const

const clusterRecord = {
  kind: 'cluster' as const,
  topology: 'ha',
  distribution: 'upstream',
  reason: '',
  timings: 'stock',
  image: '',
  bootMs: 1,
  machines,
}

function config(
  machine: string,
  component: string,
  source: '/configz' | 'command line',
  values: Record<string, string>,
) {
  return { kind: 'config', machine, component, source, values } as const
}

const configRecords = [
  ...['control-plane1', 'control-plane2'].flatMap((machine) => [
    config(machine, 'kube-scheduler', '/configz', {
      'leaderElection.leaseDuration': '15s',
      'leaderElection.retryPeriod': '2s',
    }),
    config(machine, 'kube-controller-manager', 'command line', {
      'node-monitor-period': '5s',
      'node-monitor-grace-period': '50s',
    }),
  ]),
  ...['etcd1', 'etcd2', 'etcd3'].map((machine) =>
    config(machine, 'etcd', 'command line', { 'election-timeout': '1000', 'heartbeat-interval': '100' }),
  ),
  ...nodes.flatMap((machine) => [
    config(machine, 'kubelet', '/configz', { nodeLeaseDurationSeconds: '40' }),
    config(machine, 'kube-proxy', '/configz', {
      mode: 'iptables',
      clusterCIDR: '10.244.0.0/16',
      'iptables.minSyncPeriod': '1s',
      'iptables.syncPeriod': '30s',
    }),
  ]),
]

/** The first records of every sample journal. */
export const clusterFacts = [runRecord, clusterRecord, ...configRecords]
