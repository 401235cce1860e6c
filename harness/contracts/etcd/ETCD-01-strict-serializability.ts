import { defineContract } from '../../judge/contract.ts'
import { operationsOf } from '../../judge/history/from-recording.ts'
import { isWrite, type Operation } from '../../judge/history/history.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { clientOrder } from '../consistency/client-order.ts'
import { comparedLists, requireCompared } from '../consistency/compared-lists.ts'
import { overBudget } from '../consistency/search-budget.ts'
import { noViolation } from '../consistency/violations.ts'

interface Explained {
  readonly operations: number
  readonly lists: number
  readonly confirmed: number
  readonly unknown: number
  /** Lists that were compared with what the watches report of their revisions. */
  readonly compared: number
}

const found = findings({
  STRICTLY_SERIALIZABLE: ({ operations, lists, confirmed, unknown, compared }: Explained) =>
    `Some order explains ${counted(operations, 'operation')} (${confirmed} confirmed writes, ${unknown} of unknown outcome) and ${counted(lists, 'list')}; ${compared} lists equal what the watches report of their revisions.`,
})

export const strictSerializability = defineContract<Operation>({
  id: 'ETCD-01',
  area: 'etcd',
  promise:
    'All reads and writes of etcd are linearizable: they happen in one order, each between its call and its return.',
  reference: 'https://etcd.io/docs/v3.7/learning/api_guarantees/',
  stimulus: {
    needs: 'a confirmed write of a client of etcd',
    find: (recording) => operationsOf(recording, 'etcd').consistent.filter(confirmed),
  },
  judge(recording, writes) {
    const compared = comparedLists(recording, 'etcd')
    const { breach, lists, exhausted } = clientOrder(recording, 'etcd', compared.violations)
    if (breach) return breach
    requireCompared(compared)
    const [open, ...others] = exhausted
    if (open) return overBudget([open, ...others])
    const { consistent } = operationsOf(recording, 'etcd')
    const unknown = consistent.filter(({ outcome }) => outcome === 'unknown').length
    const counts = { operations: consistent.length, lists: lists.length }
    return found.pass(
      'STRICTLY_SERIALIZABLE',
      { ...counts, confirmed: writes.length, unknown, compared: compared.compared.length },
      {
        observed: `${counted(consistent.length, 'operation')} in some order, ${counted(lists.length, 'list')}, none stale`,
        ...noViolation,
      },
    )
  },
})

const confirmed = (one: Operation): boolean => isWrite(one) && one.outcome === 'ok' && one.revision > 0
