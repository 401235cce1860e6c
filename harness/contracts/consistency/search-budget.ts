import type { Finding } from '../../judge/contract.ts'
import type { Exhausted } from '../../judge/history/history.ts'
import { listed } from '../../judge/verdict/format.ts'

/** Objects whose search exhausted its budget: `measured` is the explored configurations of the first, `bound` its budget. */
export function overBudget([first, ...others]: readonly [Exhausted, ...Exhausted[]]): Finding {
  const { explored, budget } = first
  const keys = listed([first, ...others].map(({ key }) => key))
  return {
    status: 'inconclusive',
    code: 'SEARCH_EXHAUSTED',
    values: { keys: [first, ...others].map(({ key }) => key), explored, budget },
    observed: `${explored} configurations explored`,
    measured: explored,
    bound: { limit: budget, unit: 'count', source: 'search budget: configurations for one object' },
    reason: `The search for an order of the operations on ${keys} has no result: it explored ${explored} configurations, and its budget is ${budget}.`,
  }
}
