import { defineContract, type Finding } from '../../judge/contract.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { without } from '../../judge/recording/intervals.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { type ServerWrites, serverWrites } from '../../judge/cluster/server-writes.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { requireWrites } from '../../judge/coverage/write-coverage.ts'
import { writeSilence } from '../bounds.ts'
import { excusedTimes } from './server-faults.ts'

interface Unconfirmed {
  readonly machine: string
  readonly failed: number
  readonly forMs: number
  readonly confirmedByOthers: number
}

const sentence = ({ machine, failed, forMs, confirmedByOthers }: Unconfirmed, what: string): string =>
  `The API server on ${machine} ${what} ${counted(failed, 'write')} for ${duration(forMs)}; other API servers confirmed ${confirmedByOthers}.`

const found = findings({
  WRITES_REFUSED: (values: Unconfirmed) => sentence(values, 'refused all of'),
  NOT_WRITABLE: (values: Unconfirmed) => sentence(values, 'confirmed none of'),
  EACH_WRITABLE: ({ servers, confirmed, longestMs }: { servers: number; confirmed: number; longestMs: number }) =>
    `Each of ${counted(servers, 'API server')} confirmed writes (${confirmed} in all); the longest time without a confirmed write was ${duration(longestMs)}.`,
})

export const eachServerWritable = defineContract<ServerWrites>({
  id: 'API-17',
  area: 'kube-apiserver',
  promise: 'Each API server confirms writes while another API server confirms writes.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/#kube-apiserver',
  stimulus: {
    needs: 'writes through two API servers, some of them confirmed',
    find(recording) {
      const servers = serverWrites(recording)
      return servers.length > 1 && servers.some(({ confirmedAt }) => confirmedAt.length > 0) ? servers : []
    },
  },
  judge(recording, servers) {
    const finding = gravest(servers, (server) => onServer(recording, server, servers))
    if (finding.status === 'pass') for (const { machine } of servers) requireWritesThrough(recording, machine)
    return finding
  },
})

/** @throws InconclusiveError NOT_WRITTEN, HOST_NOISE */
function requireWritesThrough(recording: Recording, machine: string): void {
  for (const time of without(span(recording), excusedTimes(recording, machine)))
    requireWrites(recording, [`apiserver@${machine}`], time)
}

interface Stretch extends Interval {
  readonly failed: ServerWrites['failed']
  readonly confirmedByOthers: number
}

function onServer(recording: Recording, server: ServerWrites, servers: readonly ServerWrites[]): Finding {
  const { machine } = server
  const others = servers.filter((one) => one !== server).flatMap(({ confirmedAt }) => confirmedAt)
  const excused = excusedTimes(recording, machine)
  const stretches = unconfirmed(server)
    .flatMap((time) => without(time, excused))
    .flatMap((time) => besideOthers(server, time, others) ?? [])
    .toSorted((a, b) => lengthOf(b) - lengthOf(a))
  // A long one that the host explains hides no other one.
  const longest = stretches.find((one) => isBroken(recording, one)) ?? stretches[0]
  const forMs = longest ? lengthOf(longest) : 0
  const details = { observed: `${duration(forMs)} without a confirmed write`, measured: forMs, bound: writeSilence }
  if (!longest || forMs <= writeSilence.limit) {
    const confirmed = servers.reduce((sum, { confirmedAt }) => sum + confirmedAt.length, 0)
    return found.pass('EACH_WRITABLE', { servers: servers.length, confirmed, longestMs: Math.round(forMs) }, details)
  }
  const { failed, confirmedByOthers } = longest
  const values = { machine, failed: failed.length, forMs: Math.round(forMs), confirmedByOthers }
  if (!isBroken(recording, longest)) {
    const figures = { ...values, ...hostFigures(recording, longest, forMs) }
    throw new InconclusiveError(`${machine} confirmed no write for ${duration(forMs)}.`, 'HOST_NOISE', figures)
  }
  const code = failed.every(({ outcome }) => outcome === 'refused') ? 'WRITES_REFUSED' : 'NOT_WRITABLE'
  return found.fail(code, values, { ...details, evidence: failed.slice(0, 5) })
}

function isBroken(recording: Recording, stretch: Stretch): boolean {
  const overMs = lengthOf(stretch) - writeSilence.limit
  return overMs > 0 && !mayBeHost(recording, stretch, overMs)
}

/** From the first failed write after a confirmed one to the next confirmed write, or to the last failed one. */
function unconfirmed({ confirmedAt, failed }: ServerWrites): Interval[] {
  const found: { from: number; until: number }[] = []
  for (const { at, endedAt } of failed) {
    const next = confirmedAt.find((confirmed) => confirmed > at)
    const last = found.at(-1)
    if (last && last.until === next) continue
    if (last && next === undefined && !confirmedAt.some((confirmed) => confirmed > last.from)) {
      last.until = Math.max(last.until, endedAt)
    } else found.push({ from: at, until: next ?? endedAt })
  }
  return found
}

/** Other servers that pause for longer than this are counted as unavailable as well. */
const pauseMs = writeSilence.limit / 2

/** The longest part of a time in which this server failed to write while others confirmed writes. */
function besideOthers({ failed }: ServerWrites, time: Interval, others: readonly number[]): Stretch | undefined {
  const own = failed.filter(({ at }) => at >= time.from && at < time.until)
  const first = own[0]?.at
  if (first === undefined) return undefined
  const runs: number[][] = [[]]
  for (const at of others.filter((one) => one > first && one <= time.until).sort((a, b) => a - b)) {
    const run = runs.at(-1) ?? []
    if (at - (run.at(-1) ?? first) > pauseMs) runs.push([at])
    else run.push(at)
  }
  const [longest = []] = runs.toSorted((a, b) => spanOf(b) - spanOf(a))
  const from = longest === runs[0] ? first : (longest[0] ?? first)
  return { from, until: longest.at(-1) ?? from, failed: own, confirmedByOthers: longest.length }
}

function spanOf(times: readonly number[]): number {
  return (times.at(-1) ?? 0) - (times[0] ?? 0)
}

function lengthOf({ from, until }: Interval): number {
  return until - from
}
