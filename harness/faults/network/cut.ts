import type { Machine } from '../../cluster/machine/machine.ts'
import type { Pair } from './grudges.ts'

/** A pair of machines: the fault affects packets from `from` to `to`. */
export type Cut = Pair<Machine>

/** Pairs of machines, or machines that a fault divides into pairs. */
export type Cuts = readonly Cut[] | readonly Machine[]

/** Returns the pairs; machines are divided by `shape`. */
export function cutsOf(target: Cuts, shape: (machines: readonly Machine[]) => readonly Cut[]): readonly Cut[] {
  return isMachines(target) ? shape(target) : target
}

function isMachines(target: Cuts): target is readonly Machine[] {
  return target.every((one) => 'spec' in one)
}
