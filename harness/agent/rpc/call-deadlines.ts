import type { Action } from '../actions/known-action.ts'
import type { Methods } from './protocol.ts'

/** Added to the time that a call takes by its own parameters: for a busy host, and for the transfer. */
const marginMs = 10_000
const defaultMs = 30_000
/** A revert may end a component that takes 90 s for it, and wait for etcd to serve. */
const undoneMs = 300_000

/** Actions that wait for a component to end, to start or to serve. */
const actionMs: Readonly<Partial<Record<Action['do'], number>>> = {
  'container-signal': 60_000,
  'fill-disk': 240_000,
  'freeze-disk': 240_000,
  'freeze-view': 120_000,
  hog: 60_000,
  'quota-alarm': 600_000,
  'restore-data': 240_000,
  signal: 120_000,
  'wipe-member': 240_000,
}

type Deadlines = { readonly [M in keyof Methods]?: (params: Parameters<Methods[M]>[0]) => number }

const deadlines: Deadlines = {
  hello: () => 60_000,
  apply: ({ action }) => actionMs[action.do] ?? 60_000,
  revert: () => undoneMs,
  recovered: () => undoneMs,
  awaitReverted: ({ withinMs }) => withinMs + marginMs,
  residue: () => 60_000,
  exec: ({ timeoutMs }) => timeoutMs + marginMs,
  http: ({ timeoutMs }) => timeoutMs + marginMs,
  resolve: ({ timeoutMs }) => timeoutMs + marginMs,
  metrics: ({ timeoutMs }) => timeoutMs + marginMs,
  reach: ({ timeoutMs }) => timeoutMs + marginMs,
  sample: ({ attempts, concurrency, timeoutMs }) => Math.ceil(attempts / concurrency) * timeoutMs + marginMs,
  kernelRules: () => 60_000,
  followStore: () => 120_000,
  storeHistory: () => 120_000,
  enterPod: () => 90_000,
  inPod: ({ method, params }) => deadlineOf(method as keyof Methods, params as never) + marginMs,
  // The answer arrives when the watch has ended: `unwatchEtcd` ends it, and so does the caller's signal.
  watchEtcd: () => Infinity,
}

/** Returns how long an agent may take to answer a call, in milliseconds; Infinity for a call that lasts as long as its watch. */
export function deadlineOf<M extends keyof Methods>(method: M, params: Parameters<Methods[M]>[0]): number {
  return deadlines[method]?.(params) ?? defaultMs
}
