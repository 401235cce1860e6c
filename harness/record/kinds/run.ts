import { z } from 'zod'
import { at } from './at.ts'

/**
 * First line of a journal: identifies the run and its host. `startedAt` is the wall clock at `at`. `process` is the harness: its pid
 * and its start time in the kernel's ticks since boot, which together identify one process.
 */
export const run = z.object({
  kind: z.literal('run'),
  at,
  schema: z.union([z.literal(1), z.literal(2)]),
  run: z.string(),
  startedAt: z.string(),
  seed: z.number().int(),
  process: z.object({ pid: z.number().int(), startedAt: z.string() }).optional(),
  /** The planned scenarios. */
  scenarios: z.array(z.string()).optional(),
  /** Planned repetitions of each scenario. Absent: 1. */
  repeat: z.number().int().positive().optional(),
  /** For each scenario, the ids of the contracts that it must decide. */
  contracts: z.record(z.string(), z.array(z.string())).optional(),
  command: z.string(),
  versions: z.record(z.string(), z.string()),
  host: z.object({ cores: z.number(), memoryBytes: z.number(), kernel: z.string() }),
})

/** The cluster that was booted. A machine with `node` true is a Node of the same name. */
export const cluster = z.object({
  kind: z.literal('cluster'),
  at,
  topology: z.string(),
  distribution: z.string(),
  reason: z.string(),
  timings: z.string(),
  image: z.string(),
  bootMs: z.number(),
  /** Requested settings by component: values of its command line or /configz (keys as in `config`). */
  requested: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  /** Versions that the machines run, where they differ from the harness's own image. */
  versions: z.record(z.string(), z.string()).optional(),
  /** For each distribution and component: whether a fault can target it separately, and if not, the reason. */
  coverage: z
    .array(z.object({ distribution: z.string(), component: z.string(), apart: z.boolean(), reason: z.string() }))
    .optional(),
  machines: z.array(
    z.object({
      name: z.string(),
      roles: z.array(z.enum(['etcd', 'control-plane', 'worker'])),
      address: z.string(),
      node: z.boolean(),
    }),
  ),
})

/**
 * One component's live configuration. `source` is its command line (keys are flag names without dashes) or its /configz (keys are
 * dotted paths, durations in Go's format). Read at the boot and at the start and end of each scenario. With `error` there are no
 * values.
 */
export const config = z.object({
  kind: z.literal('config'),
  at,
  machine: z.string(),
  component: z.string(),
  source: z.enum(['command line', '/configz']),
  values: z.record(z.string(), z.string()),
  error: z.string().optional(),
})

/** A scenario begins or ends. All records between belong to it. */
export const scenario = z.object({
  kind: z.literal('scenario'),
  at,
  name: z.string(),
  edge: z.enum(['start', 'end']),
  /** Number of the repetition, from 1. */
  repetition: z.number().int().positive().optional(),
  /**
   * `not-applicable`: the target of its fault does not exist separately in this cluster. `refused`: a fault could not be injected
   * into its target and changed nothing. `fault-unproven`: a fault has no proof of effect. `script-error`: the scenario's code threw.
   * `timed-out`: its deadline passed. `harness-error`: the harness failed, for example by losing a machine's agent.
   */
  outcome: z
    .enum([
      'completed',
      'not-applicable',
      'refused',
      'fault-unproven',
      'script-error',
      'timed-out',
      'harness-error',
      'interrupted',
    ])
    .optional(),
  reason: z.string().optional(),
  /** Where the scenario's code threw: `my-scenario.ts:12`. */
  where: z.string().optional(),
})

/**
 * The result of one wait for the cluster under test. `at` is its start. An unsatisfied condition is not an error: contracts judge it.
 * `lastSeen` is the last observed state.
 */
export const observation = z.object({
  kind: z.literal('observation'),
  at,
  condition: z.string(),
  satisfied: z.boolean(),
  afterMs: z.number(),
  lastSeen: z.string(),
})

/** A named moment of a scenario, for timeline and progress output. No contract may depend on it. */
export const step = z.object({ kind: z.literal('step'), at, name: z.string() })

/** A harness error. Verdicts that depend on the missing data are inconclusive; the run's exit code is at least 2. */
export const rig = z.object({
  kind: z.literal('rig'),
  at,
  message: z.string(),
  /** The user ended the run. */
  interrupted: z.boolean().optional(),
})

/** Last line of a journal. Without it, the end of the journal is missing. */
export const end = z.object({ kind: z.literal('end'), at })
