import type { FaultTarget } from '../../record/records.ts'
import { type FaultWindow, hitsComponent, possibleFaults } from '../faults/fault-windows.ts'
import type { Recording } from '../recording/recording.ts'
import { named, span } from '../recording/cluster-facts.ts'

/** How many members make a majority of all. */
export function quorum(members: number): number {
  return Math.floor(members / 2) + 1
}

/** The etcd leader at a time, by the last member that reported one. */
export function leaderAt(recording: Recording, time: number): string | undefined {
  return recording.of('etcd').findLast(({ at, answered, leader }) => at <= time && answered && leader)?.leader
}

/**
 * Members that no majority can reach. A pair counts as connected only if neither direction is cut: Raft needs request
 * and response.
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

/** Partitions of etcd that left some members without a majority, with those members. */
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

/** Whether a fault may hit etcd: its process, its machine, or its network. */
function touchesEtcd({ target }: FaultWindow, members: readonly string[]): boolean {
  const { machines, component, cut, pod, pods } = target
  if (cut) return cut.some(({ from, to }) => members.includes(from) || members.includes(to))
  if (pod || pods || !machines.some((machine) => members.includes(machine))) return false
  return component === undefined || hitsComponent(target, 'etcd')
}

/**
 * Until when no fault other than `causes` may have hit etcd since `from`: at most the end of the recording, and `from`
 * itself where another fault was in force.
 */
export function undisturbedUntil(recording: Recording, causes: readonly FaultWindow[], from: number): number {
  const members = named(recording, 'etcd')
  const own = new Set(causes.map(({ id }) => id))
  const others = possibleFaults(recording).filter(
    (window) => !own.has(window.id) && window.until > from && touchesEtcd(window, members),
  )
  return Math.min(span(recording).until, ...others.map(({ intentAt }) => Math.max(from, intentAt)))
}
