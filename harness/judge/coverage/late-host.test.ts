import { expect, test } from 'vitest'
import type { Finding } from '../contract.ts'
import { orHostNoise } from './late-host.ts'
import { recordings } from '../recording/recording.ts'
import { JournalBuilder } from '../testing/journal-builder.ts'
import { start } from '../testing/cluster-facts.ts'

/** A finding that is late by 300 ms, at 10 s, on a host whose timer was late by `latestMs` at `at`. */
function judged(latestMs: number, at = 10_000, status: Finding['status'] = 'late') {
  const builder = new JournalBuilder('made-up')
  builder.add(at, { kind: 'host', everyMs: 2_000, latestMs, cores: 2 })
  const [recording] = recordings(builder.journal(20_000))
  if (!recording) throw new Error('the builder has a recording')
  const finding: Finding = {
    status,
    code: 'TOO_LATE',
    values: { node: 'worker1' },
    observed: '',
    reason: 'It took 2.3 s.',
    measured: 2_300,
    bound: { limit: 2_000, unit: 'ms', source: 'a test' },
    evidence: [{ kind: 'step', at: start + 10_000, name: '' }],
  }
  return orHostNoise(finding, recording)
}

test('a finding is inconclusive where the host was late enough to account for the excess', () => {
  expect(judged(400)).toMatchObject({
    status: 'inconclusive',
    code: 'HOST_NOISE',
    values: { node: 'worker1', finding: 'TOO_LATE', hostLateMs: 400 },
  })
})

test('it stays late on a host that was not, or was at another time; a failure stays one', () => {
  expect(judged(10)).toMatchObject({ status: 'late', code: 'TOO_LATE' })
  expect(judged(400, 18_000)).toMatchObject({ status: 'late', code: 'TOO_LATE' })
  expect(judged(400, 10_000, 'fail')).toMatchObject({ status: 'fail', code: 'TOO_LATE' })
})
