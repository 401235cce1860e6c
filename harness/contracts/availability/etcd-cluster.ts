import { type Try, availability } from '../../judge/availability/availability.ts'
import { hostNoise } from '../../judge/availability/host-noise.ts'
import { defineContract } from '../../judge/contract.ts'
import { type Interval, hitsComponent, possibleFaults } from '../../judge/fault-windows.ts'
import { merged, without } from '../../judge/intervals.ts'
import type { Recording } from '../../judge/recording.ts'
import { named, span } from '../../judge/scene.ts'
import { memberRejoin } from '../bounds.ts'
import { type Used, areAvailable } from './available.ts'

/** ETCD-12 */
export const etcdAvailable = defineContract<Used>({
  id: 'ETCD-12',
  area: 'etcd',
  promise: 'Each etcd member answers, follows a leader and confirms writes while no fault is in force.',
  reference: 'https://etcd.io/docs/v3.7/op-guide/failures/',
  stimulus: { needs: 'the state of etcd members or writes to them outside of every fault', find: uses },
  judge: areAvailable,
})

function uses(recording: Recording): Used[] {
  const noisy = merged([...hostNoise(recording).times, ...slowTimes(recording)])
  return [...states(recording), ...writes(recording)].flatMap(({ what, member, tries }) => {
    const shown = availability(tries, without(span(recording), faultTimes(recording, member)), noisy)
    return shown.tries > 0 ? [{ what, shown }] : []
  })
}

/** An observer queries a member ten times a second, but not while an answer is due. */
const slowMs = 500
const aroundMs = 1_000

/** Times in which a member that answered before and afterwards took long: a scenario without probes has no other measure of noise. */
function slowTimes(recording: Recording): Interval[] {
  return [...Map.groupBy(recording.of('etcd'), ({ member }) => member).values()].flatMap((records) =>
    records.flatMap(({ at, answered }, n) => {
      const before = records[n - 1]
      const isSlow = before?.answered && answered && at - before.at > slowMs
      return isSlow ? [{ from: before.at - aroundMs, until: at + aroundMs }] : []
    }),
  )
}

interface Use {
  readonly what: string
  readonly member: string
  readonly tries: readonly Try[]
}

function states(recording: Recording): Use[] {
  return [...Map.groupBy(recording.of('etcd'), ({ member }) => member)].map(([member, records]) => ({
    what: `status of ${member}`,
    member,
    tries: records.map((record) => {
      const { at, answered, leader, error = '' } = record
      const ok = answered && leader !== ''
      return { at, endedAt: at, ok, soft: !answered && !error.includes('ECONNREFUSED'), record }
    }),
  }))
}

function writes(recording: Recording): Use[] {
  const direct = recording.of('write').filter(({ via }) => named(recording, 'etcd').includes(via))
  return [...Map.groupBy(direct, ({ via }) => via)].map(([member, records]) => ({
    what: `writes to ${member}`,
    member,
    tries: records.map((record) => {
      const { at, endedAt, outcome } = record
      return { at, endedAt, ok: outcome === 'acked', soft: outcome === 'unknown', record }
    }),
  }))
}

/**
 * When faults may keep a member from answering, until it had the time to rejoin. The loss of another member for good is over when the
 * rest had that time.
 */
function faultTimes(recording: Recording, member: string): Interval[] {
  const { limit } = memberRejoin(recording)
  const members = named(recording, 'etcd')
  return possibleFaults(recording).flatMap(({ target, from, intentAt, until, permanent }) => {
    const { machines, component, pod, pods, cut = [] } = target
    const places = [...machines, ...cut.flatMap((one) => [one.from, one.to])]
    const isHit = places.length === 0 || places.some((name) => members.includes(name))
    const mayStop = component === undefined ? !pod && !pods && isHit : hitsComponent(target, 'etcd')
    if (!mayStop) return []
    const ends = permanent && !places.includes(member) ? from : until
    return [{ from: intentAt, until: ends + limit }]
  })
}
