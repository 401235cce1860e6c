import { mkdir } from 'node:fs/promises'
import { availableParallelism, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { writeReports } from '../../reports/write-reports.ts'
import { chooseDistribution, type WantedDistribution } from '../cluster/distribution/choose.ts'
import { chooseReaper, engine } from '../cluster/engine.ts'
import { timings } from '../cluster/timings.ts'
import { topology } from '../cluster/topology.ts'
import { HoldfastError } from '../errors.ts'
import { versions } from '../images/versions.ts'
import { judgeJournal } from '../contracts/judge-journal.ts'
import { runExitCode } from '../judge/exit-code.ts'
import type { Verdict } from '../judge/verdict.ts'
import { thisProcess } from '../process-identity.ts'
import { now } from '../record/clock.ts'
import { Journal } from '../record/journal.ts'
import { readJournal } from '../record/read-journal.ts'
import { type JournalRecord, schemaVersion } from '../record/records.ts'
import { Lifetime } from './lifetime.ts'
import { type OpenCluster, openCluster } from './open-cluster.ts'
import { play } from './play.ts'
import { type Progress, stamped } from './progress.ts'
import { replayCommand } from './replay.ts'
import { newRunId } from './run-id.ts'
import type { Scenario } from './scenario.ts'

export interface RunOptions {
  readonly scenarios: readonly Scenario[]
  /** How often each is played: all of them, then all again. Default: once. */
  readonly repeat?: number
  readonly topology: string
  readonly distribution: WantedDistribution
  /** kube-proxy as a process of its own on k3s too. */
  readonly kubeProxyApart?: boolean
  /** A registry that has what others have under the same paths. */
  readonly mirror?: string | undefined
  readonly timings: string
  readonly seed: number
  /** The folder in which the run's own folder is made. */
  readonly out: string
  /** Leaves the cluster for a person to look at. */
  readonly keep: boolean
  readonly signal: AbortSignal
  readonly progress: Progress
  /** Called with each record when it has been written. */
  readonly onRecord?: (record: JournalRecord) => void
  /** Off only to show that the judges notice. */
  readonly schedulerLeaderElection?: boolean
  readonly proxyMode?: 'iptables' | 'nftables'
}

export interface RunResult {
  readonly run: string
  readonly folder: string
  readonly verdicts: readonly Verdict[]
  readonly exitCode: number
}

/**
 * Boots a cluster, plays the scenarios on it one after the other, removes it, and judges what was recorded. What fails on
 * the way is the rig's failure: what was recorded until then is kept and judged as far as it goes.
 * @throws HoldfastError HF_UNKNOWN_TOPOLOGY, HF_UNKNOWN_TIMINGS before anything is touched
 * @throws HoldfastError HF_NO_RECORD when the journal can't be written; all is healed and removed by then
 */
export async function runScenarios(options: RunOptions): Promise<RunResult> {
  const plan = Array.from({ length: options.repeat ?? 1 }, () => options.scenarios).flat()
  const shape = topology(options.topology)
  const speed = timings(options.timings)
  const run = newRunId()
  const folder = resolve(options.out, run)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'journal.ndjson')
  const journal = new Journal(path)
  // A run that can't be recorded can't be judged: it is ended in good order, wherever the record came from.
  const unrecordable = new AbortController()
  const signal = AbortSignal.any([options.signal, unrecordable.signal])
  const emit = (record: JournalRecord): void => {
    try {
      journal.write(record)
    } catch (cause) {
      unrecordable.abort(cannotRecord(path, cause))
    }
  }
  const say = (text: string, level: 'phase' | 'detail' | 'warn' = 'phase'): void =>
    options.progress({ at: now(), text, level })
  using _ = journal.listen((record) => {
    narrate(record, say)
    options.onRecord?.(record)
  })
  emit(runRecord(run, options))
  try {
    await playAll({ run, folder, plan, shape, speed, options: { ...options, signal }, emit, say })
  } catch (error) {
    if (options.signal.aborted) emit({ kind: 'rig', at: now(), message: 'the run was interrupted', interrupted: true })
    else emit({ kind: 'rig', at: now(), message: error instanceof Error ? error.message : String(error) })
    if (!options.signal.aborted) say(error instanceof Error ? error.message : String(error), 'warn')
  } finally {
    journal.close()
  }
  if (unrecordable.signal.aborted) throw unrecordable.signal.reason
  say('judging')
  const records = await readJournal(path)
  const verdicts = judgeJournal(records)
  await writeReports(folder, records, verdicts)
  return { run, folder, verdicts, exitCode: runExitCode(records, verdicts) }
}

interface Playing {
  readonly run: string
  readonly folder: string
  readonly plan: readonly Scenario[]
  readonly shape: ReturnType<typeof topology>
  readonly speed: ReturnType<typeof timings>
  readonly options: RunOptions
  readonly emit: (record: JournalRecord) => void
  readonly say: (text: string, level?: 'phase' | 'detail' | 'warn') => void
}

async function playAll(playing: Playing): Promise<void> {
  const { run, folder, plan, options, emit } = playing
  const { signal, keep } = options
  await chooseReaper(await engine(), keep)
  const choice = await chooseDistribution(options.distribution, { ...options, progress: stamped(options.progress) })
  await using lifetime = await Lifetime.begin(run, folder)
  const random = xorshift128plus(options.seed)
  let open: OpenCluster | undefined
  try {
    for (const scenario of plan) {
      open ??= await openCluster({ ...playing, choice, emit })
      // From here on it is a person's, also when we die: the guardian then heals it instead of removing it.
      if (keep) await lifetime.keep()
      const { reusable } = await play(scenario, open.cluster, random, emit, signal)
      if (reusable || (keep && scenario === plan.at(-1))) continue
      await open.discard()
      open = undefined
    }
  } finally {
    await open?.close()
  }
}

function cannotRecord(path: string, cause: unknown): HoldfastError {
  const why = cause instanceof Error ? cause.message : String(cause)
  return new HoldfastError('HF_NO_RECORD', `The journal ${path} can't be written: ${why}.`, {
    hint: 'Make room, or choose another folder with --out.',
    cause,
  })
}

function runRecord(run: string, options: RunOptions): JournalRecord {
  return {
    kind: 'run',
    at: now(),
    schema: schemaVersion,
    run,
    startedAt: new Date().toISOString(),
    seed: options.seed,
    process: thisProcess(),
    scenarios: options.scenarios.map(({ name }) => name),
    contracts: Object.fromEntries(options.scenarios.map(({ name, contracts = [] }) => [name, [...contracts]])),
    command: replayCommand(options),
    versions: { ...versions, harness: process.version },
    host: { cores: availableParallelism(), memoryBytes: totalmem(), kernel: release() },
  }
}

/** What a person hears of the journal while it is written. */
function narrate(record: JournalRecord, say: Playing['say']): void {
  if (record.kind === 'scenario')
    say(
      `${record.name}: ${record.edge === 'start' ? 'begins' : (record.outcome ?? 'ends')}${record.reason ? ` (${record.reason})` : ''}`,
    )
  if (record.kind === 'step') say(record.name, 'detail')
  if (record.kind === 'fault' && record.edge !== 'intent') {
    const target = `${record.target.component ? `${record.target.component}@` : ''}${record.target.machines.join(',')}`
    say(`${record.fault} ${target}: ${record.edge}`, 'detail')
  }
  if (record.kind === 'residue' && record.found.length > 0) {
    const left = record.found.map(({ where, what, change, entry }) => `${change} ${what} on ${where}: ${entry}`)
    say(`${record.scenario} left the cluster dirty, it is thrown away: ${left.slice(0, 3).join('; ')}`, 'warn')
  }
  if (record.kind === 'rig') say(record.message, 'warn')
}
