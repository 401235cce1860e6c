import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { kubeProxyRules } from './proxy-sample.ts'
import { edited } from './verdict.ts'

/** The sample journal with packets of one sort changed. */
export function packets(
  fits: (record: RecordOf<'reach'>) => boolean,
  change: Partial<RecordOf<'reach'>>,
): JournalRecord[] {
  return edited(kubeProxyRules(), 'reach', (record) => (fits(record) ? { ...record, ...change } : record))
}

/** The sample journal with the text of a machine's rules changed in every record. */
export function rulesChanged(machine: string, change: (text: string) => string): JournalRecord[] {
  return edited(kubeProxyRules(), 'rules', (record) =>
    record.machine === machine && record.text !== undefined ? { ...record, text: change(record.text) } : record,
  )
}

export const to = (service: string) => (record: RecordOf<'reach'>) => record.service.endsWith(`/${service}`)
