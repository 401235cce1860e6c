import { uniformInt } from 'pure-rand/distribution/uniformInt'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { Cluster } from '../cluster/cluster.ts'
import { paths } from '../cluster/distribution/upstream/paths.ts'
import { HoldfastError } from '../errors.ts'
import { Audit } from '../faults/audit.ts'
import { Faults } from '../faults/faults.ts'
import { now } from '../record/clock.ts'
import type { JournalRecord, RecordOf } from '../record/records.ts'
import { WatchRecorder } from '../record/watch-recorder.ts'
import { Traffic } from '../traffic/traffic.ts'
import type { Workloads } from '../traffic/workloads.ts'
import { LookAround, runningOf } from './look-around.ts'
import type { Scenario } from './scenario.ts'

const etcdEveryMs = 100

/**
 * Plays one scenario with everybody watching, and leaves the cluster as it was. A scenario that fails is the rig's trouble
 * until a judge says otherwise: its recording ends with the reason. Answers whether the cluster can serve another one: not if
 * something was broken for good, could not be healed, or was left behind.
 */
export async function play(
  scenario: Scenario,
  cluster: Cluster,
  random: RandomGenerator,
  emit: (record: JournalRecord) => void,
  signal: AbortSignal,
): Promise<{ reusable: boolean }> {
  emit({ kind: 'scenario', at: now(), name: scenario.name, edge: 'start' })
  const end = (outcome: NonNullable<RecordOf<'scenario'>['outcome']>, reason?: string): void =>
    emit({ kind: 'scenario', at: now(), name: scenario.name, edge: 'end', outcome, ...(reason ? { reason } : {}) })
  try {
    const audit = await Audit.baseline(cluster, signal)
    const { workloads, faults, ending } = await perform(scenario, cluster, random, emit, signal)
    end(ending.outcome, ending.reason)
    // Pods on a machine that was lost never finish: that cluster is thrown away as it is.
    if (faults.dirty) return { reusable: false }
    await workloads.remove()
    const found = [...(await audit.residue(signal))]
    emit({ kind: 'residue', at: now(), scenario: scenario.name, found })
    return { reusable: found.length === 0 }
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    end(signal.aborted ? 'interrupted' : 'harness-error', reason)
    throw error
  }
}

async function perform(
  scenario: Scenario,
  cluster: Cluster,
  random: RandomGenerator,
  emit: (record: JournalRecord) => void,
  signal: AbortSignal,
): Promise<{ workloads: Workloads; faults: Faults; ending: Ending }> {
  await using observers = new AsyncDisposableStack()
  observers.use(await WatchRecorder.start(cluster.kubernetes.servers, emit))
  await follow(cluster)
  observers.defer(() => unfollow(cluster))
  const traffic = observers.use(await Traffic.start(cluster, `hf-${scenario.name}`, emit, signal))
  const look = new LookAround(cluster, traffic.rules, emit)
  const faults = observers.use(new Faults(cluster, emit, (edge) => look.around(edge), signal))
  await look.containers()
  const played = scenario.play({
    cluster,
    faults,
    traffic,
    signal,
    choose: (from) => chosen(from, random),
    step: (name) => emit({ kind: 'step', at: now(), name }),
    record: emit,
  })
  const ending = await played.then((): Ending => ({ outcome: 'completed' }), endingOf)
  await look.containers()
  return { workloads: traffic.workloads, faults, ending }
}

interface Ending {
  readonly outcome: NonNullable<RecordOf<'scenario'>['outcome']>
  readonly reason?: string
}

/**
 * A scenario that turned out to have nothing to break here, or whose fault can't hit what it was to hit: no trouble of the
 * rig's. Anything else goes on as it came.
 */
function endingOf(error: unknown): Ending {
  const outcome = error instanceof HoldfastError ? early[error.code] : undefined
  if (outcome === undefined) throw error
  return { outcome, reason: (error as HoldfastError).message }
}

const early: Readonly<Record<string, Ending['outcome'] | undefined>> = {
  HF_NOT_APPLICABLE: 'not-applicable',
  HF_FAULT_UNAVAILABLE: 'refused',
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
