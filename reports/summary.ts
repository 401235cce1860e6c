import { z } from 'zod'
import { severity } from '../harness/judge/verdict/severity.ts'
import { phaseNames } from '../harness/judge/faults/recovery.ts'
import type { Verdict } from '../harness/judge/verdict/verdict.ts'
import { runExitCode } from '../harness/judge/verdict/exit-code.ts'
import { probeFacts } from './facts/probes.ts'
import { recoveryRows, unseenSteps } from './facts/recovery.ts'
import { harnessErrors, incompleteness } from './facts/incomplete.ts'
import type { RunFacts } from './facts/run-facts.ts'
import { countStatuses, exercised, worstByContract } from './text/statuses.ts'

const status = z.enum(severity)

/** Schema of summary.json. Durations are milliseconds; `margin` is the unused share of the bound; null means not applicable. */
export const summarySchema = z.object({
  schema: z.literal(2),
  run: z.string(),
  startedAt: z.string(),
  durationMs: z.number(),
  exitCode: z.number().int(),
  seed: z.number().int(),
  command: z.string(),
  replay: z.string(),
  versions: z.record(z.string(), z.string()),
  host: z.object({ cores: z.number(), memoryBytes: z.number(), kernel: z.string() }),
  cluster: z
    .object({
      topology: z.string(),
      distribution: z.string(),
      reason: z.string(),
      timings: z.string(),
      image: z.string(),
      bootMs: z.number(),
      versions: z.record(z.string(), z.string()).optional(),
      machines: z.array(
        z.object({ name: z.string(), roles: z.array(z.string()), address: z.string(), node: z.boolean() }),
      ),
    })
    .nullable(),
  /** Verdicts by status: each contract is judged on each recording. */
  counts: z.record(status, z.number().int()),
  /** Contracts by the status of their worst verdict over all recordings. */
  contractCounts: z.record(status, z.number().int()),
  scenarios: z.array(
    z.object({
      name: z.string(),
      outcome: z.string().nullable(),
      reason: z.string(),
      where: z.string(),
      durationMs: z.number(),
    }),
  ),
  /** Verdicts of contracts that a recording exercised. */
  contracts: z.array(
    z.object({
      contract: z.string(),
      promise: z.string(),
      reference: z.string(),
      scenario: z.string(),
      /** Number of the recording, from 1; absent where the scenario has only one. */
      repetition: z.number().int().optional(),
      fault: z.string(),
      verdict: status,
      /** Stable code of the finding, such as `TAKEOVER_LATE`. */
      code: z.string(),
      values: z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.array(z.string())])),
      observed: z.string(),
      measured: z.number().nullable(),
      bound: z.object({ limit: z.number(), unit: z.enum(['ms', 'count', 'p-value']), source: z.string() }).nullable(),
      margin: z.number().nullable(),
      reason: z.string(),
      /** Lines of journal.ndjson that the verdict is based on, from 1. */
      lines: z.array(z.number().int()),
    }),
  ),
  /** Verdicts `not-exercised`: for each contract, the scenarios that did not exercise it. */
  notExercised: z.array(z.object({ contract: z.string(), scenarios: z.array(z.string()) })),
  /** When each recovery step followed a fault, milliseconds, over all runs of its scenario. */
  recovery: z.array(
    z.object({
      scenario: z.string(),
      fault: z.string(),
      phase: z.enum(phaseNames),
      fact: z.string(),
      n: z.number().int(),
      median: z.number(),
      p95: z.number(),
      min: z.number(),
      max: z.number(),
      /** 95 % confidence interval by bootstrap; null for a single run. */
      medianInterval: z.tuple([z.number(), z.number()]).nullable(),
    }),
  ),
  /** Recovery steps that the journal has no evidence of, with the reason. */
  unseen: z.array(z.object({ scenario: z.string(), fault: z.string(), phase: z.enum(phaseNames), reason: z.string() })),
  /** Results of each probe in each scenario, milliseconds. Latencies are from request to answer. */
  probes: z.array(
    z.object({
      scenario: z.string(),
      service: z.string(),
      probe: z.string(),
      attempts: z.number().int(),
      failed: z.number().int(),
      longestGapMs: z.number(),
      /** Limits of the longest outage's true length; the upper one is null where its start or end was not observed. */
      longestGapWithinMs: z.tuple([z.number(), z.number().nullable()]).readonly(),
      totalGapMs: z.number(),
      latency: z
        .object({
          answers: z.number().int(),
          p50: z.number(),
          p99: z.number(),
          max: z.number(),
          /** HdrHistogram in microseconds, deflated, in base64; histograms of several shards can be added. */
          histogram: z.string(),
        })
        .nullable(),
    }),
  ),
  /**
   * Compares the recorder's watches of each API server with the changes that etcd stored: how many were lost without a recorded
   * gap, duplicated, in recorded gaps, or too late to be confirmed.
   */
  watches: z.array(
    z.object({
      scenario: z.string(),
      source: z.string(),
      stored: z.number().int(),
      dropped: z.number().int(),
      doubled: z.number().int(),
      inGaps: z.number().int(),
      unconfirmed: z.number().int(),
    }),
  ),
  harnessErrors: z.array(z.string()),
  /** Why verdicts alone do not decide the exit code; `scenario` is '' for a harness error. */
  incomplete: z.array(z.object({ scenario: z.string(), cause: z.string(), reason: z.string(), where: z.string() })),
})

export type Summary = z.infer<typeof summarySchema>

export function buildSummary(facts: RunFacts, verdicts: readonly Verdict[]): Summary {
  const { run, cluster } = facts
  return summarySchema.parse({
    schema: 2,
    run: run.run,
    startedAt: run.startedAt,
    durationMs: facts.durationMs,
    exitCode: runExitCode(facts.whole.records, verdicts),
    seed: run.seed,
    command: run.command,
    replay: facts.replay,
    versions: { ...run.versions, ...cluster?.versions },
    host: run.host,
    cluster: cluster ?? null,
    counts: countStatuses(verdicts),
    contractCounts: countStatuses(worstByContract(verdicts)),
    scenarios: facts.scenarios.map(({ name, outcome, reason, where, start, end }) => ({
      name,
      outcome: outcome ?? null,
      reason,
      where,
      durationMs: end - start,
    })),
    contracts: exercised(verdicts).map((verdict) => ({
      ...verdict,
      verdict: verdict.status,
      measured: finite(verdict.measured),
      bound: verdict.bound ?? null,
      margin: finite(verdict.margin),
    })),
    notExercised: notExercised(verdicts),
    recovery: recoveryRows(facts).map((row) => ({ ...row, medianInterval: row.medianInterval ?? null })),
    unseen: unseenSteps(facts),
    probes: probeFacts(facts).map((probe) => ({ ...probe, latency: probe.latency ?? null })),
    watches: [...facts.watches],
    harnessErrors: harnessErrors(facts),
    incomplete: incompleteness(facts),
  })
}

function notExercised(verdicts: readonly Verdict[]): Summary['notExercised'] {
  const none = verdicts.filter(({ status: of }) => of === 'not-exercised')
  return [...Map.groupBy(none, ({ contract }) => contract)].map(([contract, own]) => ({
    contract,
    scenarios: own.map(({ scenario }) => scenario),
  }))
}

/** JSON has neither infinity nor NaN: both become null. */
function finite(value: number | undefined): number | null {
  return value !== undefined && Number.isFinite(value) ? value : null
}
