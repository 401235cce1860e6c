import { readdirSync } from 'node:fs'
import { basename } from 'node:path'
import type { RandomGenerator } from 'pure-rand/types/RandomGenerator'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { expect, test } from 'vitest'
import { type Checker, confirmed, historyOf, replaced } from '../testing/checker.ts'
import { oneOf, validHistory } from '../testing/histories.ts'
import { mutations } from '../testing/mutations.ts'
import { watchCheckers } from '../testing/watch-checkers.ts'
import { createdOnce } from './acknowledged-creates.ts'
import { neverWritten } from './cached-reads.ts'
import { expiredEarly } from './expiry.ts'
import type { Operation } from './history.ts'
import { linearizable } from './search/linearizability.ts'
import { listedReads } from './listed-reads.ts'
import { differences } from './member-data.ts'
import { lostUpdates } from './optimistic-concurrency.ts'
import { behind } from './read-order.ts'
import { revisionOrder } from './revision-order.ts'
import { sharedAddresses } from './unique-addresses.ts'

/*
 * Runs every checker on generated histories with one entry lost, doubled, reordered or invented, as far as the checker
 * can detect it. A checker that passes a broken history, or that is not in this table, fails the build.
 */

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
const checkers: Readonly<Record<string, Checker>> = {
  linearizability: {
    kinds: ['lost', 'doubled', 'reordered', 'invented'],
    judge: (seed, random, kind) => {
      // Short enough that an object or two were never deleted: the loss of a write to these is certain.
      const sound = validHistory({ seed, operations: 24, clients: 4, keys: 4, unknown: 0.05 })
      const history = kind ? mutations[operationNames[kind]]?.(sound, random) : sound
      if (!history) return undefined
      const { check } = linearizable(history)
      return check.result === 'violated' ? check.violations : []
    },
  },
  'listed-reads': {
    kinds: ['lost', 'reordered', 'invented'],
    judge: (seed, random, kind) => {
      const sound = validHistory({ seed, operations: 40, clients: 4, keys: 2, unknown: 0 })
      const end = Math.max(...sound.map((one) => one.end))
      const keys = [...new Set(sound.map(({ key }) => key))]
      const versions = sound.filter((one) => confirmed(one) && one.kind !== 'delete')
      // Objects that were never deleted: their newest version exists at the end.
      const kept = keys.filter((key) => !sound.some((one) => one.key === key && one.kind === 'delete'))
      const key = oneOf(
        kept.filter((one) => versions.filter((version) => version.key === one).length > 1),
        random,
      )
      if (key === undefined) return undefined
      const own = versions.filter((one) => one.key === key).toSorted((a, b) => b.revision - a.revision)
      const [newest, older] = own
      if (!newest || !older) return undefined
      const items = {
        sound: [[key, newest]],
        lost: [],
        reordered: [[key, older]],
        invented: [[key, { ...newest, value: 'never written' }]],
        doubled: [],
      } as const
      const list = { id: 0, client: 'l', via: 'a', call: end + 1, end: end + 2, parts: [newest.revision], exactly: 0 }
      const reads = listedReads([{ ...list, items: new Map(items[kind ?? 'sound']) }], [key], sound.length)
      const { check } = linearizable([...sound, ...reads])
      return check.result === 'violated' ? check.violations : []
    },
  },
  ...watchCheckers,
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
        // Removes the winner of a conflict, and all other possible winners.
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
      const seen = (one: Operation) => ({ ...one, description: `read ${one.id}` })
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
      const reported = kind === 'reordered' ? early : kind === 'invented' ? { ...read, value: 'never written' } : read
      return neverWritten([reported], sound, log)
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
        invented: { ...values, [one]: 'never written' },
      }
      const member = { member: 'etcd1', revision: seed, compacted: 1, hash: 7, values }
      return differences([member, { ...member, member: 'etcd2', values: kind ? wrong[kind] : values }])
    },
  },
  'unique-addresses': {
    kinds: ['doubled', 'reordered'],
    judge: (seed, random, kind) => {
      // One address passes from owner to owner.
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

test.each(cells)('%s fails where an entry is %s', (_, kind, judge) => {
  const found = seeds.flatMap((seed) => {
    const violations = judge(seed, xorshift128plus(seed), kind)
    return violations ? [{ seed, red: violations.length > 0 }] : []
  })
  expect(found.filter(({ red }) => !red)).toEqual([])
  expect(found.length).toBeGreaterThan(20)
})

/** Parts of checkers and their output, which are not checkers themselves. */
const parts =
  'deletions draw explain filled from-recording history minimise moments placement register register-model search search-space streams versions'.split(
    ' ',
  )

test('every checker is in the table', () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
  const names = files
    .filter((file) => file.endsWith('.ts') && !file.endsWith('.test.ts') && !file.startsWith('testing'))
    .map((file) => basename(file, '.ts'))
  expect(names.toSorted()).toEqual([...parts, ...Object.keys(checkers)].toSorted())
})
