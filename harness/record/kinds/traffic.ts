import { z } from 'zod'
import { at } from './at.ts'

/**
 * One probe attempt, at a fixed arrival rate. `at` is when it was due, `sentAt` when it began, `endedAt` when it was answered
 * or given up. `from` is a machine's name, `pod:<name>`, or `outside`: to API servers the harness, to node ports a client on the
 * machines' network that is no part of the cluster. `to` is what is probed, and `target` what kind of address that is (absent: the Service's own). `connection` is `fresh` (absent means that too) or `kept`, one
 * connection, of UDP one flow, for all attempts. `errorClass` is for counting, `error` for reading.
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

/** Many fresh connections in a row from one place to one Service: how often each backend (a pod's name) answered. */
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
 * A write of a unique value. `via` is an etcd machine, or `apiserver@<machine>`; the client runs outside of the cluster, where no fault of a
 * machine hits it. `acked` was confirmed; `refused` was
 * answered with an error that rules it out; `unknown` may or may not have happened (time-out, broken connection).
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

/** A consistent read of everything we wrote, after healing: each key of ours that is there, with its value. */
export const read = z.object({
  kind: z.literal('read'),
  at,
  endedAt: z.number(),
  via: z.string(),
  store: z.enum(['etcd', 'apiserver']),
  values: z.record(z.string(), z.string()),
})
