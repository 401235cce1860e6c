import { describe, expect, test } from 'vitest'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { endsAt, quiet } from './testing/quiet.ts'

const verdict = (journal: readonly JournalRecord[]) => verdictOf('SYS-02', journal)
const lease = 'leader-elect-lease-duration'

/** The journal with other settings where `at` holds. */
function changed(
  journal: readonly JournalRecord[],
  at: (reading: RecordOf<'config'>) => boolean,
  change: Partial<RecordOf<'config'>>,
): JournalRecord[] {
  return edited(journal, 'config', (reading) =>
    reading.at > start && at(reading)
      ? { ...reading, ...change, values: { ...reading.values, ...change.values } }
      : reading,
  )
}

const atEnd = ({ at }: RecordOf<'config'>): boolean => at > start + endsAt / 2
const onFirst = ({ machine }: RecordOf<'config'>): boolean => machine === 'control-plane1'
const longer = { values: { [lease]: '60s' } }

function requested(journal: readonly JournalRecord[], value: string): JournalRecord[] {
  return edited(journal, 'cluster', (cluster) => ({ ...cluster, requested: { 'kube-scheduler': { [lease]: value } } }))
}

describe('SYS-02', () => {
  test('passes where settings differ by names and addresses only', () => {
    expect(verdict(quiet())).toMatchObject({ status: 'pass', code: 'SETTINGS_STAY', values: { settings: 2 } })
  })

  test('fails for a setting that is another one at the end', () => {
    const journal = changed(quiet(), (one) => onFirst(one) && atEnd(one), longer)
    expect(verdict(journal)).toMatchObject({
      status: 'fail',
      code: 'FLAG_CHANGED',
      values: { component: 'kube-scheduler', machine: 'control-plane1', setting: lease, before: '15s', value: '60s' },
    })
  })

  test('fails for machines of one role that differ', () => {
    expect(verdict(changed(quiet(), onFirst, longer))).toMatchObject({
      status: 'fail',
      code: 'FLAGS_DIFFER',
      values: { setting: lease, value: '15s', otherValue: '60s' },
    })
  })

  test('fails for a setting that the run did not request, however it is written', () => {
    expect(verdict(requested(quiet(), '6s'))).toMatchObject({
      status: 'fail',
      code: 'FLAG_NOT_AS_REQUESTED',
      values: { setting: lease, value: '15s', requested: '6s' },
    })
    expect(verdict(requested(quiet(), '15000ms')).status).toBe('pass')
  })

  test('excuses what a declared fault changes, and nothing else', () => {
    const journal = (fault: string): JournalRecord[] =>
      changed(
        quiet((builder) =>
          builder.fault('f', fault, { machines: ['control-plane1'], component: 'kube-scheduler' }, 50_000, 60_000),
        ),
        (one) => onFirst(one) && atEnd(one),
        longer,
      )
    expect(verdict(journal('wipe-member')).status).not.toBe('fail')
    expect(verdict(journal('kill')).code).toBe('FLAG_CHANGED')
  })

  test('takes lists in another order for the same', () => {
    const list = (first: string, second: string) => ({
      values: { 'Ignored.0.Group': first, 'Ignored.1.Group': second },
    })
    const journal = changed(changed(quiet(), onFirst, list('a', 'b')), (one) => !onFirst(one), list('b', 'a'))
    expect(verdict(journal).status).toBe('pass')
  })

  test('is inconclusive where a component could not be read', () => {
    const journal = changed(quiet(), (one) => onFirst(one) && atEnd(one), { error: 'no answer' })
    expect(verdict(journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_READ' })
  })

  test('excuses what a machine that a fault took away could not report, and nothing else', () => {
    const journal = (lost: string): JournalRecord[] => {
      const all = quiet((builder) => builder.fault('f', 'lose-machine', { machines: [lost] }, 50_000))
      const unread = changed(all, (one) => onFirst(one) && atEnd(one), { error: 'control-plane1 does not run' })
      return unread.filter((one) => one.kind !== 'config' || !onFirst(one) || one.at <= start || atEnd(one))
    }
    expect(verdict(journal('control-plane1')).status).toBe('pass')
    expect(verdict(journal('worker1'))).toMatchObject({ status: 'inconclusive', code: 'NOT_READ' })
  })
})
