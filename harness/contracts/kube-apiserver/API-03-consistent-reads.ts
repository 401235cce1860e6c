import { defineContract } from '../../judge/contract.ts'
import { operationsOf } from '../../judge/history/from-recording.ts'
import type { Operation } from '../../judge/history/history.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { consistentRead } from '../bounds.ts'
import { clientOrder } from '../consistency/client-order.ts'
import { overBudget } from '../consistency/search-budget.ts'

interface Reads {
  readonly operations: number
  readonly lists: number
  readonly longestMs: number
}

const found = findings({
  READS_CONSISTENT: ({ operations, lists, longestMs }: Reads) =>
    `Some order of ${counted(operations, 'operation')} on single objects and of ${counted(lists, 'list')} explains every answer; the longest read took ${duration(longestMs)}.`,
  READ_LATE: ({ longestMs }: Reads) => `A read was answered after ${duration(longestMs)}.`,
})

/** Writes through one API server and reads through another one share one store. */
export const consistentReads = defineContract<Operation>({
  id: 'API-03',
  area: 'kube-apiserver',
  promise:
    'A read without a resource version returns every write that was confirmed before it began, through any API server.',
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#resource-versions',
  stimulus: {
    needs: 'a consistent read through an API server',
    find: (recording) => operationsOf(recording, 'apiserver').consistent.filter(isAnsweredRead),
  },
  judge(recording, reads) {
    const { breach, lists, exhausted } = clientOrder(recording, 'apiserver')
    if (breach) return breach
    const longestMs = Math.max(...reads.map(({ call, end }) => end - call))
    const bound = consistentRead(recording)
    const [open, ...others] = exhausted
    if (open && longestMs <= bound.limit) return overBudget([open, ...others])
    const operations = operationsOf(recording, 'apiserver').consistent.length
    return found.timed(
      { pass: 'READS_CONSISTENT', late: 'READ_LATE' },
      { operations, lists: lists.length, longestMs },
      longestMs,
      bound,
      { observed: `${counted(reads.length, 'read')} and ${counted(lists.length, 'list')}, none stale` },
    )
  },
})

const isAnsweredRead = ({ kind, outcome }: Operation): boolean => kind === 'get' && outcome === 'ok'
