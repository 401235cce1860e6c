import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import type { JournalRecord } from '../../record/records.ts'
import { AgentObservers } from './agent-observers.ts'
import { Connection } from '../../agent/rpc/connection.ts'

/** The next agent of etcd1, its calls, and the records. */
function nextAgent(observers: AgentObservers) {
  const [out, to] = [new PassThrough(), new PassThrough()]
  const records: JournalRecord[] = []
  const connection = new Connection('etcd1', out, to, () => undefined)
  observers.resume(connection, 'etcd1', (record) => records.push(record))
  const requests = String(to.read() ?? '')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line) as { id: number; method: string; params: unknown })
  return { requests, records, answer: (message: object) => out.write(`${JSON.stringify(message)}\n`) }
}

function lost(): AgentObservers {
  const observers = new AgentObservers()
  observers.recordStart('followEtcd', { member: 'etcd1', everyMs: 100 })
  observers.recordStart('followStore', { member: 'etcd1' })
  observers.recordStart('hello', {})
  observers.recordLoss()
  return observers
}

test('the next agent resumes the observers with their parameters', () => {
  const { requests } = nextAgent(lost())
  expect(requests).toMatchObject([
    { method: 'followEtcd', params: { member: 'etcd1', everyMs: 100 } },
    { method: 'followStore', params: { member: 'etcd1' } },
  ])
})

test('a resumed store is recorded as a gap, once', async () => {
  const observers = lost()
  const { requests, records, answer } = nextAgent(observers)
  for (const { id } of requests) answer({ id, result: {} })
  await expect.poll(() => records).toMatchObject([{ kind: 'gap', source: 'etcd@etcd1', resource: 'registry' }])
  expect(nextAgent(observers).requests).toEqual([])
})

test('an observer that could not be resumed is resumed by the agent after the next', async () => {
  const observers = new AgentObservers()
  observers.recordStart('followAudit', { path: '/var/log/audit.log' })
  observers.recordLoss()
  const { requests, records, answer } = nextAgent(observers)
  for (const { id } of requests) answer({ id, error: 'no such file' })
  await expect
    .poll(() => records)
    .toMatchObject([{ kind: 'gap', source: 'etcd1', resource: 'audit', reason: 'it could not be followed again' }])
  expect(nextAgent(observers).requests).toMatchObject([{ method: 'followAudit' }])
})

test('stopped observers are not resumed', () => {
  const observers = lost()
  observers.recordStop('stopStore', {})
  observers.recordStop('stopEtcd', { what: 'writing' })
  expect(nextAgent(observers).requests).toMatchObject([{ method: 'followEtcd' }])
  observers.recordStop('stopEtcd', { what: 'following' })
  expect(observers.any).toBe(false)
})
