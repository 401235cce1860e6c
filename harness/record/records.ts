import { z } from 'zod'
import { conntrack, metrics } from './kinds/edges.ts'
import { etcd, leased } from './kinds/etcd.ts'
import { fault } from './kinds/fault.ts'
import {
  allocation,
  compaction,
  content,
  created,
  creation,
  listing,
  notification,
  operation,
  stream,
} from './kinds/history.ts'
import { audit, gap, mark, watch } from './kinds/kubernetes.ts'
import { command, containers } from './kinds/machine.ts'
import { residue } from './kinds/residue.ts'
import { flows, health, name, reach, rules } from './kinds/proxy.ts'
import { cluster, config, end, observation, rig, run, scenario, step } from './kinds/run.ts'
import { stored } from './kinds/stored.ts'
import { host, processes, sockets } from './kinds/system.ts'
import { attempt, read, sample, write } from './kinds/traffic.ts'
import type { LossRecord } from './loss.ts'

/*
 * The records of a journal: one JSON object a line, distinguished by `kind`. The schemas are in kinds/, one file for each area. They
 * are the only interface between code with effects and pure code.
 */

/** Schema version of the `run` record. It grows when the meaning of a valid record changes, not for a new kind or an optional field. */
export const schemaVersion = 2

export const recordSchema = z.discriminatedUnion('kind', [
  run,
  cluster,
  config,
  processes,
  host,
  sockets,
  scenario,
  step,
  observation,
  fault,
  watch,
  gap,
  mark,
  audit,
  attempt,
  sample,
  etcd,
  leased,
  stored,
  write,
  read,
  containers,
  metrics,
  conntrack,
  command,
  residue,
  rules,
  reach,
  flows,
  health,
  name,
  operation,
  listing,
  stream,
  notification,
  creation,
  created,
  allocation,
  content,
  compaction,
  rig,
  end,
])

/** A record of a file, or a `loss` where lines of the file are missing or changed. */
export type JournalRecord = z.infer<typeof recordSchema> | LossRecord
export type RecordKind = JournalRecord['kind']
export type RecordOf<K extends RecordKind> = Extract<JournalRecord, { kind: K }>
export type { Evidence, FaultTarget } from './kinds/fault.ts'
export type { LossCause, LossRecord } from './loss.ts'
