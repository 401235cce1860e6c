import type { FaultTarget } from '../record/records.ts'
import type { FaultWindow } from './fault-windows.ts'
import type { Recording } from './recording.ts'
import { named } from './scene.ts'

/** How many members make a majority of all. */
export function quorum(members: number): number {
  return Math.floor(members / 2) + 1
}

/** Who leads etcd at a time, by the last member that said so. */
export function leaderAt(recording: Recording, time: number): string | undefined {
  return recording.of('etcd').findLast(({ at, answered, leader }) => at <= time && answered && leader)?.leader
}

/**
 * Members that no majority can talk to. A pair counts as connected only if neither direction is cut: Raft needs the
 * question and the answer.
 */
export function cutOff(members: readonly string[], cut: NonNullable<FaultTarget['cut']>): string[] {
  const severed = new Set(cut.flatMap(({ from, to }) => [`${from} ${to}`, `${to} ${from}`]))
  const groupOf = (member: string): Set<string> => {
    const group = new Set([member])
    for (const known of group) for (const other of members) if (!severed.has(`${known} ${other}`)) group.add(other)
    return group
  }
  return members.filter((member) => groupOf(member).size < quorum(members.length))
}

/** Partitions of etcd that left some members without a majority, and which. */
export function minorities(
  recording: Recording,
  windows: readonly FaultWindow[],
): { readonly window: FaultWindow; readonly members: readonly string[] }[] {
  const members = named(recording, 'etcd')
  return windows.flatMap((window) => {
    const { cut = [], network = 'peers' } = window.target
    const isolated = cutOff(members, network === 'peers' ? cut : [])
    return isolated.length > 0 && isolated.length < members.length ? [{ window, members: isolated }] : []
  })
}
