import { mkdir } from 'node:fs/promises'
import { availableParallelism, release, totalmem } from 'node:os'
import { join, resolve } from 'node:path'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { writeReports } from '../../reports/write-reports.ts'
import { chooseDistribution, type WantedDistribution } from '../cluster/distribution/choose.ts'
import { chooseReaper, engine } from '../cluster/machine/engine.ts'
import { timings } from '../cluster/timings.ts'
import { topology } from '../cluster/topology.ts'
import { errorMessage } from '../common/error-message.mjs'
import { HoldfastError } from '../common/errors.ts'
import { versions } from '../images/versions.ts'
import { judgeJournal } from '../contracts/judge-journal.ts'
import { runExitCode } from '../judge/verdict/exit-code.ts'
import type { Verdict } from '../judge/verdict/verdict.ts'
import { thisProcess } from '../common/process-identity.ts'
import { now } from '../record/clock.ts'
import { Journal } from '../record/journal.ts'
import { readJournal } from '../record/read-journal.ts'
import { type JournalRecord, schemaVersion } from '../record/records.ts'
import { Lifetime } from './guardian/lifetime.ts'
import { runScenario } from './scenario/run-scenario.ts'
import { type Progress, stamped } from './progress.ts'
import { replayCommand } from './replay.ts'
import { newRunId } from './run-id.ts'
import { ScenarioClusters } from './clusters/scenario-clusters.ts'
import type { Scenario } from './scenario.ts'

export interface RunOptions {
  readonly scenarios: readonly Scenario[]
  /** How often the whole list is run. Default: once. */
  readonly repeat?: number
  /** The topology of every scenario. Default: each scenario's own. */
  readonly topology?: string | undefined
  readonly distribution: WantedDistribution
  /** Runs kube-proxy as a separate process on k3s too. */
  readonly standaloneKubeProxy?: boolean
  /** A registry mirror for third-party images. */
  readonly mirror?: string | undefined
  readonly timings: string
  readonly seed: number
  /** The folder for run folders. */
  readonly out: string
  /** Keeps the cluster after the run. */
  readonly keep: boolean
  readonly signal: AbortSignal
  readonly progress: Progress
  /** Called with each record after it was written. */
  readonly onRecord?: (record: JournalRecord) => void
  /** Off only in tests that show that the contracts detect it. */
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
 * Runs the scenarios in order, on one cluster for each topology, and judges the recordings. However a scenario ends, the next one
 * runs, on a fresh cluster if the last one could not be restored.
 * @throws HoldfastError HF_UNKNOWN_TOPOLOGY, HF_UNKNOWN_TIMINGS before any change
 * @throws HoldfastError HF_NO_RECORD when the journal can't be written, after everything was healed and removed
 */
export async function runScenarios(options: RunOptions): Promise<RunResult> {
  const plan = Array.from({ length: options.repeat ?? 1 }, (_, index) =>
    options.scenarios.map((scenario) => ({ scenario, repetition: index + 1 })),
  ).flat()
  for (const scenario of options.scenarios) topology(topologyOf(scenario, options))
  const speed = timings(options.timings)
  const run = newRunId()
  const folder = resolve(options.out, run)
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const path = join(folder, 'journal.ndjson')
  const journal = new Journal(path)
  // A run that can't be recorded can't be judged: a failed write ends it in order.
  const unrecordable = new AbortController()
  const signal = AbortSignal.any([options.signal, unrecordable.signal])
  const emit = (record: JournalRecord): void => {
    try {
      journal.write(record)
    } catch (cause) {
      unrecordable.abort(cannotRecord(path, cause))
    }
  }
  const report = (text: string, level: 'phase' | 'detail' | 'warn' = 'phase'): void =>
    options.progress({ at: now(), text, level })
  using _ = journal.listen((record) => {
    narrate(record, report)
    options.onRecord?.(record)
  })
  emit(runRecord(run, options))
  try {
    await runAll({ run, folder, plan, speed, options: { ...options, signal }, emit, report })
  } catch (error) {
    if (options.signal.aborted) emit({ kind: 'rig', at: now(), message: 'the run was interrupted', interrupted: true })
    else emit({ kind: 'rig', at: now(), message: errorMessage(error) })
    if (!options.signal.aborted) report(errorMessage(error), 'warn')
  } finally {
    emit({ kind: 'end', at: now() })
    journal.close()
  }
  if (unrecordable.signal.aborted) throw unrecordable.signal.reason
  report('judging')
  const records = await readJournal(path)
  const verdicts = judgeJournal(records)
  await writeReports(folder, records, verdicts)
  return { run, folder, verdicts, exitCode: runExitCode(records, verdicts) }
}

interface RunContext {
  readonly run: string
  readonly folder: string
  readonly plan: readonly { readonly scenario: Scenario; readonly repetition: number }[]
  readonly speed: ReturnType<typeof timings>
  readonly options: RunOptions
  readonly emit: (record: JournalRecord) => void
  readonly report: (text: string, level?: 'phase' | 'detail' | 'warn') => void
}

/** This many failed boots in a row end the run: the next one would fail too. */
const mostFailedBoots = 2

async function runAll(context: RunContext): Promise<void> {
  const { run, folder, plan, options, emit, report } = context
  const { signal, keep } = options
  await chooseReaper(await engine(), keep)
  const choice = await chooseDistribution(options.distribution, { ...options, progress: stamped(options.progress) })
  await using lifetime = await Lifetime.begin(run, folder)
  await using clusters = new ScenarioClusters(context, choice)
  const random = xorshift128plus(options.seed)
  let failedBoots = 0
  for (const [index, { scenario, repetition }] of plan.entries()) {
    const open = await clusters.forTopology(topologyOf(scenario, options)).catch((error: unknown) => {
      signal.throwIfAborted()
      failedBoots += 1
      if (failedBoots >= mostFailedBoots) throw error
      const message = errorMessage(error)
      emit({ kind: 'rig', at: now(), message: `No cluster for ${scenario.name}: ${message}` })
      report('trying again for the next scenario', 'warn')
      return undefined
    })
    if (!open) continue
    failedBoots = 0
    // From here on the cluster is kept even if this process dies: the guardian then heals it instead of removing it.
    if (keep) await lifetime.keep()
    const { reusable } = await runScenario(scenario, open.cluster, random, emit, signal, repetition)
    if (!reusable && !(keep && index === plan.length - 1)) await clusters.discard()
  }
}

/** Returns the topology of a scenario: the user's choice, or its own. */
function topologyOf(scenario: Scenario, { topology: chosen }: Pick<RunOptions, 'topology'>): string {
  return chosen ?? scenario.topology
}

function cannotRecord(path: string, cause: unknown): HoldfastError {
  const why = errorMessage(cause)
  return new HoldfastError('HF_NO_RECORD', `The journal ${path} can't be written: ${why}.`, {
    hint: 'Free disk space, or choose another folder with --out.',
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
    repeat: options.repeat ?? 1,
    contracts: Object.fromEntries(options.scenarios.map(({ name, contracts = [] }) => [name, [...contracts]])),
    command: replayCommand(options),
    versions: { ...versions, harness: process.version },
    host: { cores: availableParallelism(), memoryBytes: totalmem(), kernel: release() },
  }
}

/** Reports records of interest to the user while they are written. */
function narrate(record: JournalRecord, report: RunContext['report']): void {
  if (record.kind === 'scenario')
    report(`${record.name}: ${record.edge === 'start' ? 'begins' : (record.outcome ?? 'ends')}${ending(record)}`)
  if (record.kind === 'step') report(record.name, 'detail')
  if (record.kind === 'observation' && !record.satisfied)
    report(`not satisfied: ${record.condition}; last observed: ${record.lastSeen}`, 'warn')
  if (record.kind === 'fault' && record.edge !== 'intent') {
    const target = `${record.target.component ? `${record.target.component}@` : ''}${record.target.machines.join(',')}`
    report(`${record.fault} ${target}: ${record.edge}`, 'detail')
  }
  if (record.kind === 'residue' && record.found.length > 0) {
    const left = record.found.map(({ where, what, change, entry }) => `${change} ${what} on ${where}: ${entry}`)
    report(`${record.scenario} left residue, the cluster is discarded: ${left.slice(0, 3).join('; ')}`, 'warn')
  }
  if (record.kind === 'rig') report(record.message, 'warn')
}

/** ` (reason, file:line)`, or '' for a completed scenario. */
function ending({ reason, where }: { reason?: string | undefined; where?: string | undefined }): string {
  const parts = [reason, where].filter((one) => one !== undefined)
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}
