import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { missingScenarios } from './plan.ts'
import { clusterFacts } from '../testing/cluster-facts.ts'

type Start = readonly [name: string, repetition?: number]

function journal(plan: { scenarios?: string[]; repeat?: number }, starts: readonly Start[]): JournalRecord[] {
  const [run] = clusterFacts
  const own = starts.map(([name, repetition], at): JournalRecord => {
    return { kind: 'scenario', at, name, edge: 'start', ...(repetition === undefined ? {} : { repetition }) }
  })
  return [{ at: 0, ...run, ...plan } as JournalRecord, ...own]
}

test('each planned repetition of each scenario that did not begin is missing', () => {
  const plan = { scenarios: ['a', 'b'], repeat: 2 }
  expect(missingScenarios(journal(plan, [['a', 1], ['b', 1], ['a', 2], ['b', 2]]))).toEqual([]) // prettier-ignore
  expect(
    missingScenarios(
      journal(plan, [
        ['a', 1],
        ['b', 2],
      ]),
    ),
  ).toEqual([
    // prettier-ignore
    { scenario: 'b', repetition: 1 },
    { scenario: 'a', repetition: 2 },
  ])
})

test('without numbers the n-th start is the n-th repetition, and without a count there is one', () => {
  expect(missingScenarios(journal({ scenarios: ['a', 'b'] }, [['a']]))).toEqual([{ scenario: 'b', repetition: 1 }])
  expect(missingScenarios(journal({ scenarios: ['a'], repeat: 2 }, [['a']]))).toEqual([
    { scenario: 'a', repetition: 2 },
  ])
  expect(missingScenarios(journal({}, [['a']]))).toEqual([])
})
