import { z } from 'zod'
import { at } from './at.ts'

/**
 * One probe attempt, at a fixed arrival rate. `at` is when it was due, `sentAt` when it began, `endedAt` when it was answered or
 * timed out. `from` is a machine's name, `pod:<name>`, or `outside`: the harness for API servers; for node ports, a client on the
 * machines' network outside of the cluster. `to` is the probed address, `target` its kind (absent: `cluster-ip`). `connection` is
 * `fresh` (default), or `kept`: one connection, or one UDP flow, for all attempts. `errorClass` is for programs, `error` for people.
 */
export const attempt = z.object({
  kind: z.literal('attempt'),
  at,
  sentAt: z.number().optional(),
  endedAt: z.number(),
  from: z.string(),
  to: z.string(),
  service: z.string(),
  protocol: z.enum(['tcp', 'udp']),
  target: z.enum(['cluster-ip', 'node-port', 'pod-ip', 'dns-name', 'api-server']).optional(),
  connection: z.enum(['fresh', 'kept']).optional(),
  sourcePort: z.number().int().optional(),
  ok: z.boolean(),
  backend: z.string().optional(),
  error: z.string().optional(),
  errorClass: z
    .enum([
      'refused',
      'reset',
      'unreachable',
      'no-connection',
      'no-answer',
      'closed',
      'wrong-answer',
      'no-name',
      'blocked',
      'rig',
    ])
    .optional(),
})

/** Many fresh connections in sequence from one client to one Service, with the number of answers of each backend (a pod's name). */
export const sample = z.object({
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

/**
 * A write of the ledger. `via` is an etcd machine or `apiserver@<machine>`. The client runs outside the cluster, where no fault of a
 * machine affects it. `acked`: acknowledged. `refused`: answered with an error that excludes any effect. `unknown`: it may have taken
 * effect or not (time-out, broken connection).
 */
export const write = z.object({
  kind: z.literal('write'),
  at,
  endedAt: z.number(),
  via: z.string(),
  key: z.string(),
  value: z.string(),
  outcome: z.enum(['acked', 'refused', 'unknown']),
  error: z.string().optional(),
})

/** A consistent read of all keys of the ledger after healing, with their values. */
export const read = z.object({
  kind: z.literal('read'),
  at,
  endedAt: z.number(),
  via: z.string(),
  store: z.enum(['etcd', 'apiserver']),
  values: z.record(z.string(), z.string()),
})
