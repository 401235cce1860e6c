import { describe, expect, test } from 'vitest'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'
import { quiet, withProcesses } from './testing/quiet.ts'

const verdict = (journal: readonly JournalRecord[]) => verdictOf('CP-01', journal)
const kubelet = ['kubelet', 'control-plane2'] as const

describe('CP-01', () => {
  test('passes where each control-plane machine is a whole Node', () => {
    expect(verdict(quiet())).toMatchObject({
      status: 'pass',
      code: 'NODES_COMPLETE',
      values: { machines: ['control-plane1', 'control-plane2'] },
    })
  })

  test('passes for a component inside another process', () => {
    const journal = withProcesses(quiet(), kubelet, 'start', { within: 'k3s-server' })
    expect(verdict(journal).status).toBe('pass')
  })

  test.each(['kubelet', 'kube-proxy'])('fails without %s', (component) => {
    const values = { machine: 'control-plane2', component }
    const stopped = withProcesses(quiet(), [component, 'control-plane2'], 'start', { instances: [] })
    expect(verdict(stopped)).toMatchObject({ status: 'fail', code: 'NOT_RUNNING', values })
    const without = edited(quiet(), 'processes', (one) =>
      one.component === component && one.machine === 'control-plane2' ? undefined : one,
    )
    expect(verdict(without)).toMatchObject({ status: 'fail', code: 'NOT_RUNNING', values })
  })

  test('passes where a declared fault stopped it', () => {
    const target = { machines: ['control-plane2'], component: 'kubelet' }
    const journal = quiet((builder) => builder.fault('f', 'stop', target, 100_000))
    expect(verdict(withProcesses(journal, kubelet, 'end', { instances: [] })).status).toBe('pass')
  })

  test('fails without a Node', () => {
    const journal = edited(quiet(), 'watch', (one) =>
      one.resource === 'nodes' && one.name === 'control-plane2' ? undefined : one,
    )
    expect(verdict(journal)).toMatchObject({
      status: 'fail',
      code: 'NOT_REGISTERED',
      values: { machine: 'control-plane2' },
    })
  })

  test('is inconclusive where its processes could not be read', () => {
    const unread = { instances: [], error: 'no answer' }
    const journal = withProcesses(withProcesses(quiet(), kubelet, 'start', unread), kubelet, 'end', unread)
    expect(verdict(journal)).toMatchObject({ status: 'inconclusive', code: 'NOT_READ' })
  })
})
