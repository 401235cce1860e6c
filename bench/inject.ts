import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { attach } from '../harness/run/kept-clusters/attach.ts'
import { Guardian } from '../harness/run/guardian/guardian.ts'
import { down, up } from '../harness/run/kept-clusters/kept-cluster.ts'
import type { Cluster } from '../harness/cluster/cluster.ts'
import { eventually } from '../harness/common/eventually.ts'
import type { Fault } from '../harness/faults/engine/fault.ts'
import { type Faults, createFaults } from '../harness/faults/catalogue/faults.ts'
import { isolated } from '../harness/faults/network/grudges.ts'
import { now } from '../harness/record/clock.ts'
import type { Figure } from './figures.ts'

interface InjectBench {
  readonly runs: number
  /** Number of consecutive faults for the growth measurement; 0 for none. */
  readonly soak: number
  readonly report: (text: string) => void
}

/** Measures the time from the decision to inject (or heal) a fault until the proof, intent and TTL included. */
export async function benchInject({ runs, soak, report }: InjectBench): Promise<Figure[]> {
  const { signal } = new AbortController()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  await using cleanup = new AsyncDisposableStack()
  cleanup.defer(() => rm(folder, { recursive: true }))
  const options = { topology: 'single', distribution: 'upstream', timings: 'stock', out: folder } as const
  const kept = await up({ ...options, signal, progress: ({ text }) => report(text) })
  cleanup.defer(() => down(kept.name))
  const guardian = new Guardian(kept.name, kept.folder)
  cleanup.defer(() => guardian.standDown())
  const cluster = await attach(kept.folder, () => undefined)
  cleanup.defer(async () => {
    for (const machine of cluster.machines) await machine.disconnect()
  })
  await using faults = createFaults(
    cluster,
    () => undefined,
    () => Promise.resolve(),
    signal,
  )
  const kinds = faultsOf(cluster, faults)
  const figures: Figure[] = []
  for (const [name, fault] of Object.entries(kinds)) {
    report(`${name}, ${runs} times`)
    figures.push(...(await timed(name, () => settled(cluster), fault, runs, faults)))
  }
  if (soak > 0) figures.push(...(await soaked(cluster, guardian, moreFaultsOf(cluster, faults), soak, faults, report)))
  return figures
}

function faultsOf(cluster: Cluster, { create }: Faults): Readonly<Record<string, () => Fault>> {
  const [worker, controlPlane] = [cluster.machine('worker1'), cluster.machine('control-plane1')]
  const ref = { machine: controlPlane, component: 'kube-scheduler' } as const
  return {
    kill: () => create.kill(ref),
    pause: () => create.pause(ref),
    partition: () => create.partition(isolated(worker, [controlPlane]), { network: 'cluster' }),
    freeze: () => create.freezeMachine(worker),
  }
}

/** Waits until the supervisor would restart the component at once: runsv waits a second for one that ran for less. */
async function settled(cluster: Cluster): Promise<void> {
  const machine = cluster.machine('control-plane1')
  const old = async (): Promise<boolean> => (await machine.call('state', { component: 'kube-scheduler' })).ageMs > 1_000
  await eventually('the scheduler to have run for a second', old, { timeoutMs: 30_000 })
}

async function timed(
  name: string,
  ready: () => Promise<void>,
  fault: () => Fault,
  runs: number,
  faults: Faults,
): Promise<Figure[]> {
  const [injected, healed]: [number[], number[]] = [[], []]
  // The first fault also starts the agent and is not counted.
  for (let n = 0; n <= runs; n++) {
    await ready()
    const decided = now()
    const active = await faults.inject(fault())
    const proven = now()
    await active.heal()
    const ended = now()
    if (n === 0) continue
    injected.push(proven - decided)
    healed.push(ended - proven)
  }
  return [
    { name: `${name}: decision to proven`, unit: 'ms', values: injected },
    { name: `${name}: healed`, unit: 'ms', values: healed },
  ]
}

/** Faults for the growth measurement: helper programs, all kinds of rules, interfaces, control groups, the API. */
function moreFaultsOf(cluster: Cluster, faults: Faults): readonly (() => Fault)[] {
  const [worker, controlPlane] = [cluster.machine('worker1'), cluster.machine('control-plane1')]
  const network = 'cluster'
  const { create } = faults
  return [
    ...Object.values(faultsOf(cluster, faults)),
    () => create.stop({ machine: controlPlane, component: 'kube-controller-manager' }),
    () => create.impair(isolated(worker, [controlPlane]), { latency: '20ms', network }),
    () => create.halfOpen(isolated(worker, [controlPlane]), { network }),
    () => create.unplugMachine(worker),
    () => create.dnsFailure([worker]),
    () => create.hogMemory(worker, { megabytes: 16 }),
    () => create.cordon(worker),
  ]
}

/** Measures growth of memory, descriptors, rules and processes over many faults. */
async function soaked(
  cluster: Cluster,
  guardian: Guardian,
  kinds: readonly (() => Fault)[],
  times: number,
  faults: Faults,
  report: (text: string) => void,
): Promise<Figure[]> {
  const before = await grown(cluster, guardian)
  let warm = before
  const warmAt = Math.floor(times / 5)
  for (let n = 0; n < times; n++) {
    if (n === warmAt) warm = await grown(cluster, guardian)
    if (n % 100 === 0) report(`fault ${n} of ${times}`)
    const fault = kinds[n % kinds.length]
    if (fault) await (await faults.inject(fault())).heal()
  }
  const after = await grown(cluster, guardian)
  // A process allocates most with its first faults. A leak grows with every fault.
  return Object.entries(after).map(([name, value]) => {
    const memory = name.endsWith('MB')
    const early = memory || name.startsWith('harness') ? warm : before
    return {
      name: `${name}: more after ${times} faults than ${early === warm ? `after ${warmAt}` : 'before'}`,
      unit: memory ? ('MB' as const) : ('count' as const),
      values: [value - (early[name] ?? 0)],
    }
  })
}

async function grown(cluster: Cluster, guardian: Guardian): Promise<Record<string, number>> {
  const sizes: Record<string, number> = {
    'guardian RSS MB': await residentMb(String(guardian.pid)),
    'guardian descriptors': (await readdir(`/proc/${guardian.pid}/fd`)).length,
    'harness descriptors': (await readdir('/proc/self/fd')).length,
  }
  for (const machine of cluster.machines) {
    const script = `nft list ruleset | grep -c holdfast; ls /opt/holdfast/applied-faults | wc -l; ls -d /proc/[0-9]* | wc -l
      for pid in $(pgrep -f '^/opt/holdfast/node'); do ls /proc/$pid/fd | wc -l; grep VmRSS /proc/$pid/status | tr -dc 0-9; echo; done`
    const { stdout } = await machine.call('exec', { argv: ['sh', '-c', script], timeoutMs: 10_000 })
    const [rules = 0, appliedFaults = 0, processes = 0, descriptors = 0, kilobytes = 0] = stdout
      .trim()
      .split('\n')
      .map(Number)
    sizes[`${machine.name} rules`] = rules
    sizes[`${machine.name} applied faults`] = appliedFaults
    sizes[`${machine.name} processes`] = processes
    sizes[`${machine.name} agent descriptors`] = descriptors
    sizes[`${machine.name} agent RSS MB`] = kilobytes / 1_000
    sizes[`${machine.name} agent in use MB`] = (await machine.call('memory', {})).bytes / 1e6
  }
  return sizes
}

async function residentMb(pid: string): Promise<number> {
  const [, kilobytes = '0'] = /VmRSS:\s+(\d+)/.exec(await readFile(`/proc/${pid}/status`, 'utf8')) ?? []
  return Number(kilobytes) / 1_000
}
