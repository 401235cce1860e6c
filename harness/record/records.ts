import { z } from 'zod'

/*
 * What a journal may hold: one JSON object a line, told apart by `kind`. This file is the whole
 * border between what has effects (left) and what is pure (right), so nothing else describes a record.
 * `at` is always milliseconds on the host's monotonic clock (see clock.ts), stamped where it happened.
 */

const at = z.number()
const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean(), z.null()]))

/** First line of a journal: which run this is, on what. `startedAt` is the wall clock at `at`. */
const run = z.object({
  kind: z.literal('run'),
  at,
  schema: z.literal(1),
  run: z.string(),
  startedAt: z.string(),
  seed: z.number().int(),
  /** The scenarios that were to be played. */
  scenarios: z.array(z.string()).optional(),
  command: z.string(),
  versions: z.record(z.string(), z.string()),
  host: z.object({ cores: z.number(), memoryBytes: z.number(), kernel: z.string() }),
})

/** The cluster that was booted. A machine with `node` true is registered under its own name. */
const cluster = z.object({
  kind: z.literal('cluster'),
  at,
  topology: z.string(),
  distribution: z.string(),
  reason: z.string(),
  timings: z.string(),
  image: z.string(),
  bootMs: z.number(),
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
 * line (keys are flag names without dashes) or its /configz (keys are dotted paths, durations as Go writes them).
 */
const config = z.object({
  kind: z.literal('config'),
  at,
  machine: z.string(),
  component: z.string(),
  source: z.enum(['command line', '/configz']),
  values: z.record(z.string(), z.string()),
})

/** A scenario begins or ends. Everything between belongs to it. */
const scenario = z.object({
  kind: z.literal('scenario'),
  at,
  name: z.string(),
  edge: z.enum(['start', 'end']),
  outcome: z.enum(['completed', 'rig-failed', 'interrupted']).optional(),
  reason: z.string().optional(),
})

/** A named moment of a scenario, for people: timeline and progress. No contract may depend on one. */
const step = z.object({ kind: z.literal('step'), at, name: z.string() })

/** What a fault hits. A partition has `from` and `to` (machine names, packets from -> to are dropped). */
const faultTargetSchema = z.object({
  machines: z.array(z.string()),
  component: z.string().optional(),
  cut: z.array(z.object({ from: z.string(), to: z.string() })).optional(),
})

/** What proves an edge of a fault: a sentence and the figures behind it. */
const evidenceSchema = z.object({ proves: z.string(), facts })

/**
 * A fault's life: `intent` (on disk before anything is touched), `injected` (with evidence that it bit),
 * `healed` (with evidence that it ended) or `unproven` (it may not have bitten: the scenario is invalid).
 * A fault that is never healed on purpose (a machine lost for good) has `permanent` true on its intent.
 */
const fault = z.object({
  kind: z.literal('fault'),
  at,
  id: z.string(),
  fault: z.string(),
  target: faultTargetSchema,
  edge: z.enum(['intent', 'injected', 'healed', 'unproven']),
  permanent: z.boolean().optional(),
  evidence: z.array(evidenceSchema),
})

/** A Kubernetes object as one API server's watch told it (`source` is that server's machine). */
const watch = z.object({
  kind: z.literal('watch'),
  at,
  source: z.string(),
  event: z.enum(['listed', 'added', 'modified', 'deleted']),
  resource: z.string(),
  namespace: z.string(),
  name: z.string(),
  uid: z.string(),
  resourceVersion: z.string(),
  object: z.record(z.string(), z.unknown()),
})

/** A time in which one watch saw nothing because it was cut; what changed in it may be missing. */
const gap = z.object({
  kind: z.literal('gap'),
  at,
  source: z.string(),
  resource: z.string(),
  until: z.number(),
  reason: z.string(),
})

/** One answered request, from the audit log of the API server on `machine`. `at` is its arrival, `endedAt` its answer. */
const audit = z.object({
  kind: z.literal('audit'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  id: z.string(),
  user: z.string(),
  userAgent: z.string(),
  sourceAddress: z.string(),
  verb: z.string(),
  resource: z.string(),
  subresource: z.string(),
  namespace: z.string(),
  name: z.string(),
  code: z.number(),
  /** Of a binding: the node asked for. Of a create: the created object's name if the server chose it. */
  detail: z.string().optional(),
})

/**
 * One probe attempt over a fresh connection, at a fixed arrival rate. `at` is when it was due, `endedAt`
 * when it was answered or given up. `from` is a machine's name, or `pod:<name>`; `to` is what is probed.
 */
const attempt = z.object({
  kind: z.literal('attempt'),
  at,
  endedAt: z.number(),
  from: z.string(),
  to: z.string(),
  service: z.string(),
  protocol: z.enum(['tcp', 'udp']),
  ok: z.boolean(),
  backend: z.string().optional(),
  error: z.string().optional(),
})

/** Many fresh connections in a row from one place to one Service: how often each backend (a pod's name) answered. */
const sample = z.object({
  kind: z.literal('sample'),
  at,
  endedAt: z.number(),
  from: z.string(),
  service: z.string(),
  protocol: z.enum(['tcp', 'udp']),
  attempts: z.number().int(),
  failed: z.number().int(),
  backends: z.record(z.string(), z.number().int()),
})

/** What an etcd member says of itself (maintenance status), or that it did not answer. `leader` is a machine's name, '' for none. */
const etcd = z.object({
  kind: z.literal('etcd'),
  at,
  member: z.string(),
  answered: z.boolean(),
  leader: z.string().optional(),
  term: z.number().optional(),
  revision: z.number().optional(),
  error: z.string().optional(),
})

/**
 * A write of a value of ours. `via` is an etcd machine, or `apiserver@<machine>`. `acked` was confirmed; `refused` was
 * answered with an error that rules it out; `unknown` may or may not have happened (time-out, broken connection).
 */
const write = z.object({
  kind: z.literal('write'),
  at,
  endedAt: z.number(),
  via: z.string(),
  key: z.string(),
  value: z.string(),
  outcome: z.enum(['acked', 'refused', 'unknown']),
  error: z.string().optional(),
})

/** A consistent read of everything we wrote, after healing: each key of ours that is there, with its value. */
const read = z.object({
  kind: z.literal('read'),
  at,
  endedAt: z.number(),
  via: z.string(),
  store: z.enum(['etcd', 'apiserver']),
  values: z.record(z.string(), z.string()),
})

/** The containers that a machine's runtime runs, from the runtime itself: ground truth beside the API. `startedAt` is the process's start in clock ticks. */
const containers = z.object({
  kind: z.literal('containers'),
  at,
  machine: z.string(),
  containers: z.array(
    z.object({
      id: z.string(),
      namespace: z.string(),
      pod: z.string(),
      name: z.string(),
      pid: z.number(),
      startedAt: z.string(),
    }),
  ),
})

/** A command that was run for its evidence (`kubectl drain`, `kubectl get pods -o wide`). */
const command = z.object({
  kind: z.literal('command'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  argv: z.array(z.string()),
  exitCode: z.number().int(),
  stdout: z.string(),
  stderr: z.string(),
})

/** Trouble of the rig, never of the cluster: makes what depends on it undecided. */
const rig = z.object({ kind: z.literal('rig'), at, message: z.string() })

export const recordSchema = z.discriminatedUnion('kind', [
  run,
  cluster,
  config,
  scenario,
  step,
  fault,
  watch,
  gap,
  audit,
  attempt,
  sample,
  etcd,
  write,
  read,
  containers,
  command,
  rig,
])

export type JournalRecord = z.infer<typeof recordSchema>
export type RecordKind = JournalRecord['kind']
export type RecordOf<K extends RecordKind> = Extract<JournalRecord, { kind: K }>
export type FaultTarget = z.infer<typeof faultTargetSchema>
export type Evidence = z.infer<typeof evidenceSchema>
