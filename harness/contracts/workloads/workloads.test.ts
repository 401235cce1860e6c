import { describe, expect, test } from 'vitest'
import { drainNode, killScheduler } from '../../judge/testing/stories.ts'
import { start } from '../../judge/testing/surroundings.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

describe('WL-08', () => {
  test('is broken by evictions that leave fewer than the budget', () => {
    const journal = drainNode((script) =>
      script
        .request(10_300, { subresource: 'eviction', name: 'web-2', code: 201 })
        .object(
          10_310,
          'pods',
          script.namespace,
          'web-2',
          script.podObject('web', { node: 'worker2', ready: true, ending: true }),
        ),
    )
    expect(verdictOf('WL-08', journal)).toMatchObject({
      status: 'fail',
      measured: 4,
      bound: { limit: 5, unit: 'count' },
    })
  })

  test('is broken by an eviction that is answered with an error', () => {
    const journal = edited(drainNode(), 'audit', (record) => (record.code === 429 ? { ...record, code: 500 } : record))
    expect(verdictOf('WL-08', journal)).toMatchObject({
      status: 'fail',
      reason: 'the eviction of web-4 was answered 500.',
    })
  })

  test('is undecided where the budget was never exhausted, or there was none', () => {
    const easy = edited(drainNode(), 'audit', (record) => (record.code === 429 ? undefined : record))
    expect(verdictOf('WL-08', easy)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('never put to the test'),
    })
    const none = edited(drainNode(), 'watch', (record) =>
      record.resource === 'poddisruptionbudgets' ? undefined : record,
    )
    expect(verdictOf('WL-08', none)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('No PodDisruptionBudget'),
    })
  })
})

describe('WL-10', () => {
  test('is broken by a drain that fails', () => {
    const journal = edited(drainNode(), 'command', (record) => ({
      ...record,
      exitCode: 1,
      stderr: 'global timeout reached',
    }))
    expect(verdictOf('WL-10', journal)).toMatchObject({
      status: 'fail',
      reason: 'kubectl drain ended with 1: global timeout reached',
    })
  })

  test('is broken by a pod that is placed on a closed Node', () => {
    const journal = drainNode((script) => script.binding(15_000, 'web-7', 'worker1', 'control-plane1'))
    expect(verdictOf('WL-10', journal)).toMatchObject({
      status: 'fail',
      reason: 'web-7 was bound to worker1 4.9 s after it was closed.',
    })
  })

  test('is broken by a Node that is not closed', () => {
    const journal = edited(drainNode(), 'watch', (record) =>
      record.resource === 'nodes' &&
      record.name === 'worker1' &&
      record.at > start + 10_000 &&
      record.at < start + 11_000
        ? undefined
        : record,
    )
    expect(verdictOf('WL-10', journal)).toMatchObject({ status: 'fail', observed: 'no cordon' })
  })

  test('is broken by a refused eviction that is not asked for again', () => {
    const journal = edited(drainNode(), 'audit', (record) =>
      record.subresource === 'eviction' && record.name === 'web-4' && record.code === 201 ? undefined : record,
    )
    expect(verdictOf('WL-10', journal)).toMatchObject({
      status: 'fail',
      reason: 'The audit log has no granted eviction of web-4, only refused ones (429).',
    })
  })

  test('is broken by a drain that returns before the pods have ended', () => {
    const journal = edited(drainNode(), 'command', (record) => ({ ...record, endedAt: start + 25_000 }))
    expect(verdictOf('WL-10', journal)).toMatchObject({
      status: 'fail',
      reason: 'kubectl drain returned while web-4 was still ending on worker1.',
    })
  })

  test('is undecided without the command', () => {
    const journal = edited(drainNode(), 'command', () => undefined)
    expect(verdictOf('WL-10', journal)).toMatchObject({
      status: 'inconclusive',
      reason: 'No kubectl drain of worker1 was recorded.',
    })
  })
})

describe('CM-01', () => {
  test('is broken by pods that somebody else makes', () => {
    const journal = edited(killScheduler(), 'audit', (record) =>
      record.user.endsWith('replicaset-controller') && record.at > start + 40_000 ? { ...record, user: 'eve' } : record,
    )
    expect(verdictOf('CM-01', journal)).toMatchObject({
      status: 'fail',
      reason: expect.stringContaining('others: eve'),
    })
  })

  test('is broken by replicas that are never made', () => {
    const journal = killScheduler((script) => script.deployment(70_000, 'web', 12))
    expect(verdictOf('CM-01', journal)).toMatchObject({
      status: 'fail',
      reason: '12 pods of web are wanted and 10 are there 20 s later.',
    })
  })

  test('is late where replicas were missing too long', () => {
    const journal = killScheduler((script) =>
      script
        .deployment(30_000, 'web', 9)
        .pod(38_000, 'web-x', 'worker1', 'control-plane2')
        .deployment(41_000, 'web', 11),
    )
    expect(verdictOf('CM-01', journal)).toMatchObject({ status: 'late', measured: 8_000 })
  })

  test('is undecided where the recording ends too soon', () => {
    const journal = killScheduler((script) => script.deployment(88_000, 'web', 12))
    expect(verdictOf('CM-01', journal)).toMatchObject({
      status: 'inconclusive',
      reason: expect.stringContaining('ends while pods'),
    })
  })
})
