import { readdirSync } from 'node:fs'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { oneOf, validHistory } from '../testing/histories.ts'
import { mutations } from '../testing/mutations.ts'
import { validWatch, watchMutations } from '../testing/watches.ts'
import { createdOnce } from './acknowledged-creates.ts'
import { neverWritten } from './cached-reads.ts'
import { changeLog } from './change-log.ts'
import { expiredEarly } from './expiry.ts'
import { isWrite, type Operation, type Violation } from './history.ts'
import { linearizable } from './linearizability.ts'
import { differences } from './member-data.ts'
import { lostUpdates } from './optimistic-concurrency.ts'
import { behind } from './read-order.ts'
import { revisionOrder } from './revision-order.ts'
import { search } from './search.ts'
import { snapshots } from './snapshots.ts'
import type { StreamEvent } from './streams.ts'
import { sharedAddresses } from './unique-addresses.ts'
import { brokenGuarantees } from './watch-guarantees.ts'

/*
 * Every checker against generated histories with one thing lost, doubled, reordered or invented, as far as that can be seen by
 * it: a checker that passes a broken one, or one that is not in this table, fails the build.
 */

type Kind = 'lost' | 'doubled' | 'reordered' | 'invented'
/** What a checker says of the history of a seed, sound or with one thing wrong; undefined where that history has no place for it. */
type Case = (seed: number, random: RandomGenerator, kind?: Kind) => readonly Violation[] | undefined

const historyOf = (seed: number): Operation[] =>
  validHistory({ seed, operations: 80, clients: 4, keys: 2, unknown: 0.05 })
const watchOf = (seed: number) => validWatch({ seed, revisions: 40, keys: 4 })
const confirmed = (one: Operation): boolean => isWrite(one) && one.outcome === 'ok' && one.revision > 0
const replaced = <T>(all: readonly T[], one: T, ...by: readonly T[]): T[] =>
  all.flatMap((other) => (other === one ? by : [other]))

/** Two writes of which the first had ended before the second was called. */
function inOrder(history: readonly Operation[], random: RandomGenerator): [Operation, Operation] | undefined {
  const writes = history.filter(confirmed)
  return oneOf(
    writes.flatMap((one) => writes.flatMap((other) => (one.end < other.call ? [[one, other] as const] : []))),
    random,
  ) as [Operation, Operation] | undefined
}

const operationNames = {
  lost: 'a lost write',
  doubled: 'a doubled write',
  reordered: 'two reordered writes',
  invented: 'an invented read',
} as const
const eventNames = {
  lost: 'one lost event',
  doubled: 'one doubled event',
  reordered: 'two reordered events',
  invented: 'one invented event',
} as const

/** A watch's events with one of them wrong, at a change that something comes after. */
function brokenEvents(events: readonly StreamEvent[], random: RandomGenerator, kind: Kind): StreamEvent[] | undefined {
  const places = events.flatMap(({ type }, n) => (type === 'bookmark' ? [] : [n]))
  const index = oneOf(places, random)
  return index === undefined ? undefined : watchMutations[eventNames[kind]]?.(events, index, random)
}

const watches: Case = (seed, random, kind) => {
  const { streams } = watchOf(seed)
  const victim = oneOf(streams.slice(1), random)
  const events = kind && victim ? brokenEvents(victim.events, random, kind) : victim?.events
  if (!victim || !events) return undefined
  const told = replaced(streams, victim, { ...victim, events })
  const { log, violations } = changeLog(told, [])
  return [...violations, ...brokenGuarantees(told, log)]
}

const checkers: Readonly<Record<string, { readonly judge: Case; readonly kinds: readonly Kind[] }>> = {
  linearizability: {
    kinds: ['lost', 'doubled', 'reordered', 'invented'],
    judge: (seed, random, kind) => {
      // Short enough that an object or two were never deleted: of those a write can be lost for certain.
      const sound = validHistory({ seed, operations: 24, clients: 4, keys: 4, unknown: 0.05 })
      const history = kind ? mutations[operationNames[kind]]?.(sound, random) : sound
      if (!history) return undefined
      const { check } = linearizable(history, (own) => search(own, { maxConfigurations: 1e6, spent: () => false }))
      return check.result === 'violated' ? check.violations : []
    },
  },
  'watch-guarantees': { kinds: ['lost', 'doubled', 'reordered', 'invented'], judge: watches },
  'change-log': {
    kinds: ['invented'],
    judge: (seed, random, kind) => {
      const { streams } = watchOf(seed)
      const event = oneOf(streams[1]?.events.filter(({ type }) => type === 'modified') ?? [], random)
      const [whole, part, ...others] = streams
      if (!event || !whole || !part) return undefined
      const events = kind ? replaced(part.events, event, { ...event, value: 'nobody wrote this' }) : part.events
      return changeLog([whole, { ...part, events }, ...others], []).violations
    },
  },
  snapshots: {
    kinds: ['lost', 'doubled', 'reordered', 'invented'],
    judge: (seed, random, kind) => {
      const { streams, listings } = watchOf(seed)
      const full = listings.filter(({ items }) => items.size > 0)
      const list = oneOf(full.slice(1), random)
      const [key, item] = list?.items.entries().next().value ?? []
      if (!list || key === undefined || !item) return undefined
      // What an older list said, at the revision of a newer one.
      const older = full.find(({ items }) => JSON.stringify([...items]) !== JSON.stringify([...list.items]))
      if (kind === 'reordered' && !older) return undefined
      const broken = {
        lost: { items: new Map([...list.items].filter(([name]) => name !== key)) },
        doubled: { parts: [...list.parts, (list.parts[0] ?? 0) + 1] },
        reordered: { items: older?.items ?? list.items },
        invented: { items: new Map([...list.items, ['nobody', item]]) },
      }
      const all = kind ? replaced(listings, list, { ...list, ...broken[kind] }) : listings
      return snapshots(all, changeLog(streams, []).log).violations
    },
  },
  'revision-order': {
    kinds: ['doubled', 'reordered'],
    judge: (seed, random, kind) => {
      const sound = historyOf(seed)
      const pair = inOrder(sound, random)
      if (!kind) return revisionOrder(sound)
      if (!pair) return undefined
      const [one, other] = pair
      if (kind === 'doubled') return revisionOrder(replaced(sound, other, { ...other, revision: one.revision }))
      const first = replaced(sound, one, { ...one, revision: other.revision })
      return revisionOrder(replaced(first, other, { ...other, revision: one.revision }))
    },
  },
  'optimistic-concurrency': {
    kinds: ['lost', 'doubled', 'invented'],
    judge: (seed, random, kind) => {
      const sound = historyOf(seed)
      if (!kind) return lostUpdates(sound)
      const newest = Math.max(...sound.map(({ revision }) => revision))
      if (kind === 'lost') {
        // The update that another one won against is gone, and with it all who could have.
        const refused = oneOf(
          sound.filter(({ refusal, precondition }) => refusal === 'conflict' && precondition > 0),
          random,
        )
        return refused && lostUpdates(sound.filter((one) => one === refused || one.key !== refused.key))
      }
      const won = oneOf(
        sound.filter((one) => confirmed(one) && one.precondition > 0),
        random,
      )
      if (!won) return undefined
      const id = sound.length
      if (kind === 'doubled') return lostUpdates([...sound, { ...won, id, revision: newest + 1 }])
      return lostUpdates([...sound, { ...won, id, outcome: 'refused', refusal: 'exists', revision: 0 }])
    },
  },
  'acknowledged-creates': {
    kinds: ['lost', 'doubled', 'invented'],
    judge: (seed, random, kind) => {
      const creates = historyOf(seed).filter((one) => one.kind === 'create' && confirmed(one))
      const found = creates.map(({ key, value }) => ({ key, value, uid: value }))
      const one = oneOf(found, random)
      if (!one) return undefined
      const wrong = {
        lost: [],
        doubled: [one, { ...one, uid: 'x' }],
        reordered: [],
        invented: [{ ...one, value: 'x' }],
      }
      return createdOnce(creates, kind ? replaced(found, one, ...wrong[kind]) : found)
    },
  },
  'read-order': {
    kinds: ['reordered'],
    judge: (seed, random, kind) => {
      const sound = historyOf(seed)
      const seen = ({ id, call, end, revision }: Operation) => ({ id, call, end, revision, words: `read ${id}` })
      if (!kind) return behind(sound.filter(confirmed).map(seen))
      const pair = inOrder(sound, random)
      if (!pair) return undefined
      const [one, other] = pair.map(seen)
      if (!one || !other) return undefined
      return behind([
        { ...one, revision: other.revision },
        { ...other, revision: one.revision },
      ])
    },
  },
  'cached-reads': {
    kinds: ['reordered', 'invented'],
    judge: (seed, random, kind) => {
      const sound = historyOf(seed)
      const write = oneOf(
        sound.filter((one) => confirmed(one) && one.kind !== 'delete' && one.call > 1),
        random,
      )
      if (!write) return undefined
      const log = { changes: sound.filter(confirmed), stretches: [] }
      const read: Operation = {
        ...write,
        id: sound.length,
        kind: 'get',
        precondition: 0,
        call: write.end,
        end: Infinity,
      }
      const early = { ...read, call: write.call - 1, end: write.call - 0.5 }
      const told = kind === 'reordered' ? early : kind === 'invented' ? { ...read, value: 'nobody wrote this' } : read
      return neverWritten([told], sound, log)
    },
  },
  expiry: {
    kinds: ['invented'],
    judge: (seed, _, kind) => {
      const due = { at: 0, via: 'a', client: 'c', revision: seed, compacted: seed + 1, startedAt: 0, changes: 0 }
      return expiredEarly([kind ? { ...due, compacted: seed } : due])
    },
  },
  'member-data': {
    kinds: ['lost', 'doubled', 'reordered', 'invented'],
    judge: (seed, random, kind) => {
      const values = Object.fromEntries(
        historyOf(seed)
          .filter(confirmed)
          .map(({ revision, value }) => [revision, value]),
      )
      const keys = Object.keys(values)
      const [one, other] = [oneOf(keys.slice(1), random), keys[0]]
      if (one === undefined || other === undefined || values[one] === values[other]) return undefined
      const [a = '', b = ''] = [values[one], values[other]]
      const { [one]: _, ...lacking } = values
      const wrong = {
        lost: lacking,
        doubled: { ...values, again: a },
        reordered: { ...values, [one]: b, [other]: a },
        invented: { ...values, [one]: 'nobody wrote this' },
      }
      const member = { member: 'etcd1', revision: seed, compacted: 1, hash: 7, values }
      return differences([member, { ...member, member: 'etcd2', values: kind ? wrong[kind] : values }])
    },
  },
  'unique-addresses': {
    kinds: ['doubled', 'reordered'],
    judge: (seed, random, kind) => {
      // One address goes from hand to hand.
      const claims = historyOf(seed)
        .filter(confirmed)
        .map(({ revision }) => ({ address: '10.0.0.1', owner: `pod-${revision}`, from: revision, until: revision + 1 }))
      const one = oneOf(claims.slice(1), random)
      if (!one) return undefined
      const wrong = kind === 'doubled' ? [one, { ...one, owner: 'another' }] : [{ ...one, from: 0, until: one.from }]
      return sharedAddresses(kind ? replaced(claims, one, ...wrong) : claims)
    },
  },
}

const seeds = Array.from({ length: 60 }, (_, n) => 1 + n * 7919)

test.each(Object.entries(checkers))('%s passes every sound history', (_, { judge }) => {
  for (const seed of seeds) expect(judge(seed, xorshift128plus(seed)) ?? []).toEqual([])
})

const cells = Object.entries(checkers).flatMap(([name, { judge, kinds }]) =>
  kinds.map((kind) => [name, kind, judge] as const),
)

test.each(cells)('%s turns red where something is %s', (_, kind, judge) => {
  const found = seeds.flatMap((seed) => {
    const violations = judge(seed, xorshift128plus(seed), kind)
    return violations ? [{ seed, red: violations.length > 0 }] : []
  })
  expect(found.filter(({ red }) => !red)).toEqual([])
  expect(found.length).toBeGreaterThan(20)
})

/** What checkers are made of, and what only tells of them. */
const parts =
  'deletions draw explain filled from-recording history minimise moments placement register register-model search search-within search-worker streams versions'.split(
    ' ',
  )

test('there is no checker that is not in the table', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts'))
  const names = files.map((file) => file.replace(/\.ts$/, ''))
  expect(names.toSorted()).toEqual([...parts, ...Object.keys(checkers)].toSorted())
})
