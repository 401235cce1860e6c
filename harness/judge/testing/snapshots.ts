import { createHash } from 'node:crypto'
import type { JournalRecord } from '../../record/records.ts'
import { portHistory, proxyMachine, stateAt } from '../kube-proxy/port-history.ts'
import { iptablesText } from '../kube-proxy/testing/iptables-text.ts'
import { recordings } from '../recording/recording.ts'
import { start } from './cluster-facts.ts'

/** The sample journal with snapshots of machines' rules at some times, each of them correct. */
export function withSnapshots(
  journal: readonly JournalRecord[],
  snapshots: Readonly<Record<number, readonly string[]>>,
): JournalRecord[] {
  const [recording] = recordings(journal)
  if (!recording) throw new Error('the sample journal has no scenario')
  const reported = Object.entries(snapshots).flatMap(([t, machines]) =>
    machines.map((machine): JournalRecord => {
      const at = start + Number(t)
      const ports = stateAt(portHistory(recording), at)?.ports ?? []
      const text = iptablesText(ports, proxyMachine(recording, machine, '10.244.0.0/16'))
      const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
      return { kind: 'rules', at, endedAt: at + 5, machine, mode: 'iptables', hash, text }
    }),
  )
  const end = journal.findLastIndex(({ kind }) => kind === 'scenario')
  return journal.toSpliced(end, 0, ...reported)
}
