/*
 * Converts journals of schema 1. They have the contracts of users' scenarios only. The contracts that built-in scenarios had to decide
 * were part of the contracts' code, and are listed here.
 */
const builtIn: Readonly<Record<string, readonly string[]>> = {
  'worked-example': [
    'FLOW-01',
    'FLOW-02',
    'FLOW-03',
    'FLOW-04',
    'FLOW-05',
    'PROXY-01',
    'PROXY-02',
    'SCHED-01',
    'SCHED-14',
  ],
  'kill-scheduler': ['CM-01', 'NET-05', 'PROXY-01', 'PROXY-02', 'SCHED-02', 'SCHED-14'],
  'partition-etcd': ['API-08', 'ETCD-02', 'ETCD-03', 'ETCD-04', 'PROXY-02'],
  consistency: [
    'API-02',
    'API-03',
    'API-04',
    'API-05',
    'API-06',
    'API-07',
    'API-12',
    'ETCD-01',
    'ETCD-05',
    'ETCD-07',
    'ETCD-11',
  ],
  'kube-proxy-rules': [
    'NET-05',
    'PROXY-01',
    'PROXY-02',
    'PROXY-03',
    'PROXY-04',
    'PROXY-05',
    'PROXY-06',
    'PROXY-07',
    'PROXY-08',
    'PROXY-09',
    'PROXY-10',
    'PROXY-11',
  ],
  'drain-node': [
    'CM-01',
    'KLET-07',
    'NET-05',
    'NODE-02',
    'NODE-03',
    'NODE-09',
    'PROXY-01',
    'PROXY-02',
    'SCHED-01',
    'SCHED-14',
    'WL-08',
    'WL-10',
  ],
}

/** Renamed outcomes of scenarios. */
const outcomes: Readonly<Record<string, string>> = { 'rig-failed': 'harness-error' }

/** Converts one record to schema 2. Returns unchanged kinds, and values that are no record, as they are. */
export function fromSchema1(value: unknown): unknown {
  if (typeof value !== 'object' || value === null) return value
  const { kind, schema, scenarios, contracts, outcome } = value as Partial<Record<string, unknown>>
  if (kind === 'scenario' && typeof outcome === 'string') return { ...value, outcome: outcomes[outcome] ?? outcome }
  if (kind !== 'run' || schema !== 1 || !Array.isArray(scenarios)) return value
  const own = (contracts ?? {}) as Readonly<Record<string, readonly string[]>>
  const meant = (scenarios as readonly string[]).map((name) => [name, [...(builtIn[name] ?? []), ...(own[name] ?? [])]])
  return { ...value, contracts: Object.fromEntries(meant) as unknown }
}
