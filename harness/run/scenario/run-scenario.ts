import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { errorMessage } from '../../common/error-message.mjs'
import type { Cluster } from '../../cluster/cluster.ts'
import { paths } from '../../agent/paths.ts'
import { ResidueCheck } from '../../faults/residue/residue-check.ts'
import { type Faults, createFaults } from '../../faults/catalogue/faults.ts'
import { now } from '../../record/clock.ts'
import type { JournalRecord } from '../../record/records.ts'
import { WatchRecorder } from '../../cluster/observe/watch-recorder.ts'
import { Traffic } from '../../traffic/traffic.ts'
import type { Workloads } from '../../traffic/workloads/workloads.ts'
import { Waits } from '../../traffic/waits.ts'
import { Deadline } from './deadline.ts'
import { type Ending, endingOf } from './ending.ts'
import { HostLoad } from './host-load.ts'
import { SnapshotRecorder, runningOf } from './snapshot-recorder.ts'
import type { Scenario } from '../scenario.ts'

const etcdEveryMs = 100
const defaultDeadline = '30m'

type Emit = (record: JournalRecord) => void

/**
 * Runs one scenario with all observers and restores the cluster. However the scenario ends, its recording is judged.
 * `repetition` counts runs of this scenario from 1. The cluster is not reusable if a fault was permanent or could not be reverted,
 * if a wait was not satisfied, or if the scenario left residue.
 * @throws the reason of `signal` when that aborts
 */
export async function runScenario(
  scenario: Scenario,
  cluster: Cluster,
  random: RandomGenerator,
  emit: Emit,
  signal: AbortSignal,
  repetition = 1,
): Promise<{ reusable: boolean }> {
  const which = { kind: 'scenario', name: scenario.name, repetition } as const
  emit({ ...which, at: now(), edge: 'start' })
  let recovered = true
  const observing: Emit = (record) => {
    if (record.kind === 'observation' && !record.satisfied) recovered = false
    emit(record)
  }
  const end = (ending: Ending): void => emit({ ...which, at: now(), edge: 'end', ...ending })
  try {
    const residueCheck = await ResidueCheck.baseline(cluster, signal)
    const { workloads, faults, ending } = await runRecorded(scenario, cluster, random, observing, signal)
    signal.throwIfAborted()
    end(ending)
    // Pods on a lost machine never terminate: that cluster is discarded without cleanup.
    if (faults.dirty || !recovered || !isClean(ending)) return { reusable: false }
    return { reusable: await cleanUp(scenario, workloads, residueCheck, emit, signal) }
  } catch (error) {
    if (signal.aborted) {
      end({ outcome: 'interrupted', reason: errorMessage(signal.reason) })
      throw error
    }
    end({ outcome: 'harness-error', reason: errorMessage(error) })
    return { reusable: false }
  }
}

/** Endings after which nothing of the scenario still runs in the cluster. */
function isClean({ outcome }: Ending): boolean {
  return ['completed', 'not-applicable', 'refused'].includes(outcome)
}

/** Removes the scenario's workloads and records the residue. Workloads that can't be removed count as residue. */
async function cleanUp(
  { name }: Scenario,
  workloads: Workloads,
  residueCheck: ResidueCheck,
  emit: Emit,
  signal: AbortSignal,
): Promise<boolean> {
  try {
    await workloads.remove()
    const found = [...(await residueCheck.residue(signal))]
    emit({ kind: 'residue', at: now(), scenario: name, found })
    return found.length === 0
  } catch (error) {
    signal.throwIfAborted()
    const entry = { where: 'cluster', what: 'workloads', change: 'added', entry: errorMessage(error) } as const
    emit({ kind: 'residue', at: now(), scenario: name, found: [entry] })
    return false
  }
}

async function runRecorded(
  scenario: Scenario,
  cluster: Cluster,
  random: RandomGenerator,
  emit: Emit,
  signal: AbortSignal,
): Promise<{ workloads: Workloads; faults: Faults; ending: Ending }> {
  await using observers = new AsyncDisposableStack()
  observers.use(new HostLoad(emit))
  observers.use(await WatchRecorder.start(cluster.kubernetes.servers, emit))
  await follow(cluster)
  observers.defer(() => unfollow(cluster))
  using deadline = new Deadline(scenario.deadline ?? defaultDeadline, signal)
  const waits = new Waits(emit, deadline.signal)
  if (scenario.testsFrom === 'start') waits.beginTest()
  const traffic = observers.use(await Traffic.start(cluster, `hf-${scenario.name}`, emit, deadline.signal, waits))
  const snapshots = new SnapshotRecorder(cluster, traffic.rules, emit)
  const record: Emit = (one) => {
    if (one.kind === 'fault') waits.beginTest()
    emit(one)
  }
  const faults = observers.use(createFaults(cluster, record, (edge) => snapshots.atFaultPhase(edge), deadline.signal))
  await snapshots.containers()
  await snapshots.system('start')
  const running = scenario.run({
    cluster,
    faults,
    traffic,
    signal: deadline.signal,
    choose: (from) => chosen(from, random),
    step: (name) => emit({ kind: 'step', at: now(), name }),
    record: emit,
    until: (...wait) => waits.until(...wait),
    consistently: (...wait) => waits.consistently(...wait),
    attempt: (...wait) => waits.attempt(...wait),
  })
  const ending = await deadline.race(running).then((): Ending => ({ outcome: 'completed' }), endingOf)
  await snapshots.containers()
  await snapshots.system('end')
  return { workloads: traffic.workloads, faults, ending }
}

function chosen<T>(from: readonly T[], random: RandomGenerator): T {
  const one = from[uniformInt(random, 0, from.length - 1)]
  if (one === undefined) throw new Error('there is nothing to choose from')
  return one
}

async function follow(cluster: Cluster): Promise<void> {
  const up = await runningOf(cluster.controlPlane)
  await Promise.all(up.map((machine) => machine.call('followAudit', { path: paths.auditLog })))
  await Promise.all(
    cluster.etcd.map(async (machine) => {
      await machine.call('followEtcd', { member: machine.name, everyMs: etcdEveryMs })
      await machine.call('followStore', { member: machine.name })
    }),
  )
}

async function unfollow(cluster: Cluster): Promise<void> {
  await Promise.all(
    cluster.etcd.map(async (machine) => {
      await machine.call('stopEtcd', { what: 'following' }).catch(() => undefined)
      await machine.call('stopStore', {}).catch(() => undefined)
    }),
  )
}
