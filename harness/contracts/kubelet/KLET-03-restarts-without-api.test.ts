import { describe, expect, test } from 'vitest'
import { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'
import type { JournalRecord } from '../../record/records.ts'

function pod(id: string, restartCount: number) {
  const status = { name: 'c', containerID: `containerd://${id}`, restartCount, state: { running: {} } }
  return { spec: { nodeName: 'worker1' }, status: { phase: 'Running', containerStatuses: [status] } }
}

interface Course {
  /** Ids of the containers that the runtime lists at 66 s, in the outage. */
  readonly listed?: readonly string[]
  /** When the status reports the new container; undefined for never. */
  readonly reportedAt?: number | undefined
  readonly end?: number
  readonly servers?: readonly string[]
  readonly more?: (builder: JournalBuilder) => void
}

/** No API server runs from 20 to 70 s. At 30 s the container c of web on worker1 is killed, and runs again at 31 s. */
function crash({ listed = ['new'], end = 200, servers = ['control-plane1', 'control-plane2'], ...rest }: Course = {}) {
  const { reportedAt, more } = { reportedAt: 71_000, ...rest }
  const builder = new JournalBuilder('without-api')
  const { namespace } = builder
  builder.object(1_000, 'pods', namespace, 'web', pod('old', 0), 'added')
  for (const machine of servers) {
    builder.fault(`f-${machine}`, 'kill', { machines: [machine], component: 'kube-apiserver' }, 20_000, 70_000)
  }
  const target = { machines: ['worker1'], pod: { namespace, name: 'web', container: 'c' } }
  builder.fault('f-pod', 'kill-container', target, 30_000, 31_000)
  const containers = listed.map((id) => ({ id, namespace, pod: 'web', name: 'c', pid: 9, startedAt: id }))
  builder.add(66_000, { kind: 'containers', machine: 'worker1', containers })
  if (reportedAt !== undefined) builder.object(reportedAt, 'pods', namespace, 'web', pod('new', 1))
  more?.(builder)
  return builder.journal(end * 1_000)
}

describe('KLET-03', () => {
  test('passes for a container that is restarted in the outage and reported afterwards', () => {
    expect(verdictOf('KLET-03', crash())).toMatchObject({
      status: 'pass',
      code: 'RESTARTED_ALONE',
      values: { machine: 'worker1', crashes: 1, afterMs: 1_000 },
    })
  })

  const broken: readonly [what: string, course: Course, status: string, code: string][] = [
    ['is not restarted', { listed: [] }, 'fail', 'NOT_RESTARTED'],
    ['runs twice', { listed: ['new', 'newer'] }, 'fail', 'RUN_TWICE'],
    ['is never reported', { reportedAt: undefined }, 'fail', 'STATUS_UNTRUE'],
    ['is reported late', { reportedAt: 180_000 }, 'late', 'STATUS_LATE'],
  ]
  test.each(broken)('fails for a container that %s', (_, course, status, code) => {
    expect(verdictOf('KLET-03', crash(course))).toMatchObject({ status, code })
  })

  const lacking: readonly [what: string, journal: JournalRecord[], code: string][] = [
    ['a listing in the outage', edited(crash(), 'containers', () => undefined), 'NOT_LOOKED_AT'],
    ['time after the outage', crash({ reportedAt: undefined, end: 80 }), 'TOO_SHORT'],
    ['a state of the pod', edited(crash(), 'watch', () => undefined), 'NOT_WATCHED'],
  ]
  test.each(lacking)('is inconclusive without %s', (_, journal, code) => {
    expect(verdictOf('KLET-03', journal)).toMatchObject({ status: 'inconclusive', code })
  })

  test('is not exercised with an API server, or with a fault of the kubelet', () => {
    expect(verdictOf('KLET-03', crash({ servers: ['control-plane1'] })).code).toBe('STIMULUS_ABSENT')
    const more = (builder: JournalBuilder): void => {
      builder.fault('f9', 'kill', { machines: ['worker1'], component: 'kubelet' }, 40_000, 41_000)
    }
    expect(verdictOf('KLET-03', crash({ more })).code).toBe('STIMULUS_ABSENT')
  })
})
