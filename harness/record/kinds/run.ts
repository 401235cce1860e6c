import { z } from 'zod'
import { at } from './at.ts'

/**
 * First line of a journal: which run this is, on what. `startedAt` is the wall clock at `at`. `process` is the harness; with its
 * start, in the kernel's ticks since boot, a pid names one process for good.
 */
export const run = z.object({
  kind: z.literal('run'),
  at,
  schema: z.union([z.literal(1), z.literal(2)]),
  run: z.string(),
  startedAt: z.string(),
  seed: z.number().int(),
  process: z.object({ pid: z.number().int(), startedAt: z.string() }).optional(),
  /** The scenarios that were to be played. */
  scenarios: z.array(z.string()).optional(),
  /** How often each of them was to be played. Absent: once. */
  repeat: z.number().int().positive().optional(),
  /** By a scenario's name, ids of the contracts that it is meant to decide. */
  contracts: z.record(z.string(), z.array(z.string())).optional(),
  command: z.string(),
  versions: z.record(z.string(), z.string()),
  host: z.object({ cores: z.number(), memoryBytes: z.number(), kernel: z.string() }),
})

/** The cluster that was booted. A machine with `node` true is registered under its own name. */
export const cluster = z.object({
  kind: z.literal('cluster'),
  at,
  topology: z.string(),
  distribution: z.string(),
  reason: z.string(),
  timings: z.string(),
  image: z.string(),
  bootMs: z.number(),
  /** What the run asked for, by component: values of its command line or /configz (keys as in `config`). */
  requested: z.record(z.string(), z.record(z.string(), z.string())).optional(),
  /** What the machines really run, where it is not what the harness would build. */
  versions: z.record(z.string(), z.string()).optional(),
  /** For each distribution and component: whether it can be hit by itself there, and if not, why. */
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
 * One component's live configuration. `source` says where it was read: the process's own command
 * line (keys are flag names without dashes) or its /configz (keys are dotted paths, durations as Go writes them). Read at the boot and
 * at the start and end of each scenario. `error` where it could not be read: then there are no values.
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

/** A scenario begins or ends. Everything between belongs to it. */
export const scenario = z.object({
  kind: z.literal('scenario'),
  at,
  name: z.string(),
  edge: z.enum(['start', 'end']),
  /** Which time of this scenario it is, from 1. */
  repetition: z.number().int().positive().optional(),
  /**
   * `not-applicable`: what it would have broken does not exist by itself in this cluster. `refused`: a fault could not hit its
   * target, and nothing was touched by it. `fault-unproven`: a fault has no proof of effect. `script-error`: its own code threw.
   * `timed-out`: its deadline passed. `harness-error`: trouble of the harness, such as a machine whose agent is lost.
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
  /** The line of the scenario's file that threw: `my-scenario.ts:12`. */
  where: z.string().optional(),
})

/**
 * The result of one wait for the cluster under test, `at` its start. A condition that was not satisfied is no error: contracts
 * judge it. `lastSeen` is the state that the wait observed last.
 */
export const observation = z.object({
  kind: z.literal('observation'),
  at,
  condition: z.string(),
  satisfied: z.boolean(),
  afterMs: z.number(),
  lastSeen: z.string(),
})

/** A named moment of a scenario, for people: timeline and progress. No contract may depend on one. */
export const step = z.object({ kind: z.literal('step'), at, name: z.string() })

/** A harness error. What depends on the data that it cost is inconclusive; the run's exit code is at least 2. */
export const rig = z.object({
  kind: z.literal('rig'),
  at,
  message: z.string(),
  /** The user ended the run. */
  interrupted: z.boolean().optional(),
})

/** Last line of a journal: everything that the run recorded is before it. Without it, the end of the journal is missing. */
export const end = z.object({ kind: z.literal('end'), at })
