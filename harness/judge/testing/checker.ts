import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { isWrite, type Operation, type Violation } from '../history/history.ts'
import { validHistory } from './histories.ts'

export type Kind = 'lost' | 'doubled' | 'reordered' | 'invented'
/**
 * The result of a checker for the history of a seed, sound or with one error; undefined where that history has no place
 * for the error.
 */
export type Case = (seed: number, random: RandomGenerator, kind?: Kind) => readonly Violation[] | undefined

/** A checker of histories, and the errors that it can detect. */
export interface Checker {
  readonly judge: Case
  readonly kinds: readonly Kind[]
}

export const historyOf = (seed: number): Operation[] =>
  validHistory({ seed, operations: 80, clients: 4, keys: 2, unknown: 0.05 })
export const confirmed = (one: Operation): boolean => isWrite(one) && one.outcome === 'ok' && one.revision > 0
export const replaced = <T>(all: readonly T[], one: T, ...by: readonly T[]): T[] =>
  all.flatMap((other) => (other === one ? by : [other]))
