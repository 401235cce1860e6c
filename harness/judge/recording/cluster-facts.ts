import type { RecordOf } from '../../record/records.ts'
import type { Recording } from './recording.ts'
import { requireEvidence } from '../verdict/inconclusive.ts'

export type Machine = RecordOf<'cluster'>['machines'][number]

/** The cluster that the scenario ran on. @throws InconclusiveError */
export function machines(recording: Recording): readonly Machine[] {
  return requireEvidence(recording.of('cluster').at(-1), 'The journal has no record of the cluster.').machines
}

export function named(recording: Recording, role: Machine['roles'][number]): string[] {
  return machines(recording).flatMap(({ name, roles }) => (roles.includes(role) ? [name] : []))
}

export function nodeMachines(recording: Recording): string[] {
  return machines(recording).flatMap(({ name, node }) => (node ? [name] : []))
}

/** When the scenario began and ended. Facts from before it have an earlier `at`. */
export function span(recording: Recording): { readonly from: number; readonly until: number } {
  const edges = recording.of('scenario').filter(({ name }) => name === recording.scenario)
  return {
    from: edges.findLast(({ edge }) => edge === 'start')?.at ?? -Infinity,
    until: edges.findLast(({ edge }) => edge === 'end')?.at ?? recording.records.at(-1)?.at ?? Infinity,
  }
}

/** The record with which the scenario ended; undefined where the recording stops before it. */
export function recordedEnd(recording: Recording): RecordOf<'scenario'> | undefined {
  return recording.of('scenario').findLast(({ name, edge }) => name === recording.scenario && edge === 'end')
}
