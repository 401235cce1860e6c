import fc from 'fast-check'
import { expect, test } from 'vitest'
import { severity, worstOf } from '../../harness/judge/verdict/severity.ts'
import { countStatuses, exercised, gravestFirst, statusStyles, statusOrder, worstByContract } from './statuses.ts'
import { syntheticVerdict } from '../testing/synthetic-verdicts.ts'

const statuses = fc.array(fc.constantFrom(...severity), { minLength: 1, maxLength: 12 })
const verdictsOf = (all: readonly (typeof severity)[number][], contracts = 3) =>
  all.map((status, index) => syntheticVerdict({ status, contract: `C-${index % contracts}` }))

test('reports use the severity order of the judge, and the texts and signs of all statuses differ', () => {
  expect(statusOrder.toReversed()).toEqual(severity)
  expect(Object.keys(statusStyles)).toEqual(statusOrder)
  for (const key of ['word', 'sign', 'asciiSign', 'meaning'] as const)
    expect(new Set(Object.values(statusStyles).map((style) => style[key])).size).toBe(severity.length)
})

test('the first verdict after sorting has the worst status', () => {
  fc.assert(
    fc.property(statuses, (all) => {
      expect(gravestFirst(verdictsOf(all))[0]?.status).toBe(worstOf(all))
    }),
  )
})

test('a contract counts once, by its worst verdict, and the counts add up', () => {
  fc.assert(
    fc.property(statuses, (all) => {
      const verdicts = verdictsOf(all)
      const worst = worstByContract(verdicts)
      expect(worst.map(({ contract }) => contract)).toEqual([...new Set(verdicts.map(({ contract }) => contract))])
      for (const { contract, status } of worst)
        expect(status).toBe(worstOf(verdicts.filter((one) => one.contract === contract).map((one) => one.status)))
      const counts = countStatuses(verdicts)
      expect(Object.values(counts).reduce((sum, count) => sum + count, 0)).toBe(all.length)
      expect(exercised(verdicts)).toHaveLength(all.length - counts['not-exercised'])
    }),
  )
})
