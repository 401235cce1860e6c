import { agnhostPorts, servicePorts } from '../harness/cluster/agnhost.ts'
import type { Machine } from '../harness/cluster/machine/machine.ts'
import { eventually } from '../harness/common/eventually.ts'
import { probeGaps } from '../harness/judge/coverage/probe-gaps.ts'
import { now } from '../harness/record/clock.ts'
import type { RecordOf } from '../harness/record/records.ts'
import { Traffic } from '../harness/traffic/traffic.ts'
import type { Figure } from './figures.ts'
import { nftTime } from './nft-time.ts'
import { type Bench, withCluster } from './with-cluster.ts'

const perSecond = 200
const timeoutMs = 900
const outagesMs = [20, 50, 200, 1_000]
const probesOf = { tcp: 5, udp: 5 } as const
const table = 'holdfast_bench'
const hook = '{ type filter hook input priority -300; }'

interface ProbeBench {
  readonly runs: number
  readonly report: (text: string) => void
}

/** Time between installing a rule and the start of its effect. */
const aheadMs = 500

/**
 * Compares reported with real outage lengths, and measures the cost of ten probes at once. In an outage a rule drops every
 * answer of the workload between two times of the kernel's own clock.
 */
export function benchProbe({ runs, report }: ProbeBench): Promise<Figure[]> {
  return withCluster('single', report, async (bench) => {
    const { cluster, signal } = bench
    const [machine] = cluster.workers
    if (!machine) throw new Error('the benchmark needs a cluster with a worker')
    await using traffic = await Traffic.start(cluster, 'hf-bench', () => undefined, signal)
    await traffic.deploy('web', { replicas: 2 })
    const { clusterIp: address } = await traffic.workloads.addresses('web')
    const attempts: RecordOf<'attempt'>[] = []
    bench.onRecord = (record) => {
      if (record.kind === 'attempt') attempts.push(record)
    }
    for (const [protocol, count] of Object.entries(probesOf) as ['tcp' | 'udp', number][]) {
      const service = { service: 'hf-bench/web', protocol, address, port: servicePorts[protocol] }
      for (let n = 0; n < count; n++) {
        // Each probe has a place of its own, as real probes do.
        const from = `${machine.name}-${n}`
        await machine.call('probe', { ...service, id: `${from}-${protocol}`, from, perSecond, timeoutMs })
      }
    }
    await run(machine, ['nft', `add table inet ${table}; add chain inet ${table} answers ${hook}`])
    const idle = await costOf(machine, attempts, signal)
    const figures: Figure[] = [idle.share, idle.rate, idle.lateness]
    for (const lengthMs of outagesMs) {
      const errors: Record<'tcp' | 'udp', number[]> = { tcp: [], udp: [] }
      const beyond: number[] = []
      for (let n = 1; n <= runs; n++) {
        report(`outage of ${lengthMs} ms, ${n} of ${runs}`)
        for (const own of await outage(machine, lengthMs, attempts, bench)) {
          const { totalMs, gaps } = probeGaps(own)
          const off = totalMs - lengthMs
          const [atLeastMs, atMostMs] = [sum(gaps.map((gap) => gap.atLeastMs)), sum(gaps.map((gap) => gap.atMostMs))]
          beyond.push(Math.max(0, atLeastMs - lengthMs, lengthMs - atMostMs))
          errors[own[0]?.protocol ?? 'tcp'].push(Math.abs(off))
          if (Math.abs(off) > 2 * (1000 / perSecond)) report(outlier(own, off))
        }
      }
      figures.push({
        name: `probe: real length outside the reported bounds, ${lengthMs} ms outage`,
        unit: 'ms',
        values: beyond,
      })
      for (const protocol of ['tcp', 'udp'] as const)
        figures.push({
          name: `probe: off by, ${protocol}, ${lengthMs} ms outage`,
          unit: 'ms',
          values: errors[protocol],
        })
    }
    await machine.call('stopProbes', {})
    await run(machine, ['nft', 'delete', 'table', 'inet', table])
    return figures
  })
}

/** Formats facts that may explain a large error. */
function outlier(own: readonly RecordOf<'attempt'>[], off: number): string {
  const { gaps } = probeGaps(own)
  const [first, last] = [gaps[0]?.from ?? NaN, gaps.at(-1)?.until ?? NaN]
  const near = own.filter(({ at }) => at > first - 2 * timeoutMs && at < last + timeoutMs)
  const most = (of: (attempt: RecordOf<'attempt'>) => number): number => Math.round(Math.max(...near.map(of)))
  return [
    `  ${own[0]?.from} ${own[0]?.protocol}: off by ${off.toFixed(1)} ms in ${gaps.length} gaps`,
    `begun late by up to ${most(({ at, sentAt = at }) => sentAt - at)} ms`,
    `slowest answer ${most(({ ok, at, sentAt = at, endedAt }) => (ok ? endedAt - sentAt : 0))} ms`,
    `slowest failure ${most(({ ok, at, sentAt = at, endedAt }) => (ok ? 0 : endedAt - sentAt))} ms`,
  ].join(', ')
}

/** Makes one outage and returns the attempts of each probe. */
async function outage(
  machine: Machine,
  lengthMs: number,
  attempts: RecordOf<'attempt'>[],
  { signal }: Bench,
): Promise<RecordOf<'attempt'>[][]> {
  // Attempts that began earlier may be reported later, without their neighbours: leave them out.
  const began = now()
  attempts.length = 0
  const from = (await wallClock(machine)) + BigInt(aheadMs) * 1_000_000n
  const until = from + BigInt(lengthMs) * 1_000_000n
  const time = `meta time >= ${nftTime(from)} meta time < ${nftTime(until)}`
  const answers = `th sport { ${Object.values(agnhostPorts).join(', ')} }`
  await run(machine, [
    'nft',
    `flush chain inet ${table} answers; add rule inet ${table} answers ${answers} ${time} drop`,
  ])
  if ((await wallClock(machine)) >= from) throw new Error('nft installed the rule after the start of the outage')
  const probes = (): Map<string, RecordOf<'attempt'>[]> =>
    Map.groupBy(
      attempts.filter(({ at }) => at >= began),
      ({ from, protocol }) => `${from} ${protocol}`,
    )
  const wanted = probesOf.tcp + probesOf.udp
  // A probe is done when its last failed attempt has timed out and a later attempt was answered.
  const over = (own: readonly RecordOf<'attempt'>[]): boolean => {
    const lastFailed = own.reduce((latest, { ok, at }) => (ok ? latest : Math.max(latest, at)), -Infinity)
    const lastReport = own.reduce((latest, { endedAt }) => Math.max(latest, endedAt), -Infinity)
    return lastFailed > -Infinity && lastReport > lastFailed + timeoutMs + lengthMs
  }
  const complete = await eventually(
    'every probe to record the whole outage',
    () => {
      const all = probes()
      return Promise.resolve(all.size === wanted && [...all.values()].every(over) && all)
    },
    { timeoutMs: 60_000, intervalMs: 250, signal },
  )
  return [...complete.values()].map((own) => [...own])
}

/** Measures the agent's processor time for all probes over five idle seconds. */
async function costOf(
  machine: Machine,
  attempts: RecordOf<'attempt'>[],
  signal: AbortSignal,
): Promise<Record<'share' | 'rate' | 'lateness', Figure>> {
  const wanted = 5 * perSecond * (probesOf.tcp + probesOf.udp)
  await eventually('the probes to run', () => Promise.resolve(attempts.length > wanted / 5), {
    timeoutMs: 30_000,
    signal,
  })
  attempts.length = 0
  const [usedBefore, began] = [await processorMs(machine), performance.now()]
  await eventually('five seconds of attempts', () => Promise.resolve(attempts.length >= wanted), {
    timeoutMs: 60_000,
    intervalMs: 50,
    signal,
  })
  const elapsed = performance.now() - began
  const used = (await processorMs(machine)) - usedBefore
  const late = attempts.flatMap(({ at, sentAt }) => (sentAt === undefined ? [] : [sentAt - at])).sort((a, b) => a - b)
  return {
    share: { name: 'ten probes: share of a core', unit: 'ratio', values: [used / elapsed] },
    rate: { name: 'ten probes: attempts a second', unit: 'ratio', values: [(attempts.length / elapsed) * 1000] },
    lateness: {
      name: 'ten probes: begun late by, p99',
      unit: 'ms',
      values: [late[Math.floor(late.length * 0.99)] ?? NaN],
    },
  }
}

/** Returns the processor time of the machine's agent so far, in steps of 10 ms. */
async function processorMs(machine: Machine): Promise<number> {
  const { pid } = await machine.call('hello', {})
  const { stdout } = await machine.call('exec', { argv: ['cat', `/proc/${pid}/stat`], timeoutMs: 5_000 })
  const fields = stdout.slice(stdout.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Returns the machine's wall-clock time in nanoseconds since 1970. */
async function wallClock(machine: Machine): Promise<bigint> {
  return BigInt((await run(machine, ['date', '+%s%N'])).trim())
}

async function run(machine: Machine, argv: readonly string[]): Promise<string> {
  const { exitCode, stdout, stderr } = await machine.call('exec', { argv, timeoutMs: 5_000 })
  if (exitCode !== 0) throw new Error(`${argv.join(' ')}: ${stderr}`)
  return stdout
}

function sum(values: readonly number[]): number {
  return values.reduce((all, one) => all + one, 0)
}
