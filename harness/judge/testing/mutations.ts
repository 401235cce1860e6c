import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import type { Operation } from '../history/history.ts'
import { oneOf } from './histories.ts'

/** Breaks a sound history in one place; undefined where it has no place for this error. */
export type Mutation = (history: readonly Operation[], random: RandomGenerator) => Operation[] | undefined

const isVersion = ({ kind, outcome }: Operation): boolean => outcome === 'ok' && kind !== 'get' && kind !== 'delete'
const isFound = ({ kind, outcome, revision }: Operation): boolean => kind === 'get' && outcome === 'ok' && revision > 0

/** Each of them makes a history that no order explains. */
export const mutations: Readonly<Record<string, Mutation>> = {
  'a stale read': (history, random) => {
    const found = oneOf(
      history.filter(isFound).flatMap((read) => {
        const known = history.some(
          ({ key, outcome, revision, end }) =>
            key === read.key && outcome === 'ok' && revision >= read.revision && end < read.call,
        )
        const older = history.find((one) => isVersion(one) && one.key === read.key && one.revision < read.revision)
        return known && older ? [{ read, older }] : []
      }),
      random,
    )
    return found && changed(history, found.read, { revision: found.older.revision, value: found.older.value })
  },
  'a lost write': (history, random) => {
    const deleted = new Set(history.filter(({ kind }) => kind === 'delete').map(({ key }) => key))
    const read = oneOf(
      history.filter(
        (one) =>
          isFound(one) &&
          !deleted.has(one.key) &&
          history.some((write) => isVersion(write) && write.key === one.key && write.end < one.call),
      ),
      random,
    )
    return read && changed(history, read, { revision: 0, value: '' })
  },
  'a doubled write': (history, random) => {
    const write = oneOf(history.filter(isVersion), random)
    return write && [...history, { ...write, id: history.length, client: 'another' }]
  },
  'two reordered writes': (history, random) => {
    const pair = oneOf(
      history.filter(isVersion).flatMap((first) => {
        const second = history.find((one) => isVersion(one) && one.key === first.key && first.end < one.call)
        return second ? [{ first, second }] : []
      }),
      random,
    )
    if (!pair) return undefined
    const swapped = changed(history, pair.first, { revision: pair.second.revision })
    return changed(swapped, pair.second, { revision: pair.first.revision })
  },
  'an invented read': (history, random) => {
    const read = oneOf(history.filter(isFound), random)
    return read && changed(history, read, { value: 'never written' })
  },
  'a lost update': (history, random) => {
    const found = oneOf(
      history.filter(isVersion).flatMap((write) => {
        if (write.precondition === 0) return []
        const older = history.find(
          (one) => isVersion(one) && one.key === write.key && one.revision < write.precondition,
        )
        return older ? [{ write, older }] : []
      }),
      random,
    )
    return found && changed(history, found.write, { precondition: found.older.revision })
  },
  'a refused write that was read': (history, random) => {
    const write = oneOf(
      history.filter((one) => isVersion(one) && history.some((read) => isFound(read) && read.value === one.value)),
      random,
    )
    return write && changed(history, write, { outcome: 'refused', refusal: '', revision: 0 })
  },
}

function changed(history: readonly Operation[], which: Operation, to: Partial<Operation>): Operation[] {
  return history.map((one) => (one.id === which.id ? { ...one, ...to } : one))
}

/** Changes any one operation in any one way: the result may be sound or broken. */
export const anything: Mutation = (history, random) => {
  const which = oneOf(history, random)
  const other = oneOf(history, random)
  if (!which || !other) return undefined
  const change = oneOf<Partial<Operation>>(
    [
      { revision: other.revision, value: other.value },
      { end: Math.max(which.call, which.end === Infinity ? which.call + 5 : which.call + 1) },
      { precondition: other.revision },
      { outcome: 'refused', refusal: 'conflict', revision: 0 },
      { outcome: 'refused', refusal: 'exists', revision: 0 },
      { outcome: 'refused', refusal: 'absent', revision: 0 },
      { kind: 'delete', value: '' },
      { key: other.key },
    ],
    random,
  )
  return change && changed(history, which, normal({ ...which, ...change }))
}

/** Keeps operations valid: an ended one was answered, a get is never refused, a version has a value. */
function normal(given: Operation): Operation {
  const precondition = given.kind === 'create' ? 0 : given.precondition
  const end = given.outcome === 'unknown' ? Infinity : Math.min(given.end, given.call + 1_000)
  const one = { ...given, precondition, end }
  if (one.kind === 'get') {
    const found = one.outcome === 'ok' && one.revision > 0
    const outcome = one.outcome === 'refused' ? 'ok' : one.outcome
    return {
      ...one,
      outcome,
      refusal: '',
      precondition: 0,
      revision: found ? one.revision : 0,
      value: found ? one.value || 'x' : '',
    }
  }
  if (one.outcome === 'unknown') return { ...one, revision: 0, refusal: '', value: one.value || `w${one.id}` }
  if (one.kind === 'delete') return { ...one, value: '', refusal: one.outcome === 'ok' ? '' : one.refusal }
  return { ...one, value: one.value || `w${one.id}`, revision: one.outcome === 'ok' ? one.revision : 0 }
}
