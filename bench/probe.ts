import { agnhostPorts, servicePorts } from '../harness/cluster/agnhost.ts'
import type { Machine } from '../harness/cluster/machine.ts'
import { eventually } from '../harness/eventually.ts'
import { probeGaps } from '../harness/judge/probe-gaps.ts'
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
  readonly say: (text: string) => void
}

/** Long enough for a rule to be there before it applies. */
const aheadMs = 500

/**
 * What probes say of outages whose length is known: a rule drops every answer of the workload from one time to another, which
 * the kernel compares with its own clock for each packet. And what ten probes at once cost.
 */
export function benchProbe({ runs, say }: ProbeBench): Promise<Figure[]> {
  return withCluster('single', say, async (bench) => {
    const { cluster, signal } = bench
    const [machine] = cluster.workers
    if (!machine) throw new Error('a cluster without a worker has nothing to probe')
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
        // Told apart by their places, as real probes are.
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
        say(`outage of ${lengthMs} ms, ${n} of ${runs}`)
        for (const own of await outage(machine, lengthMs, attempts, bench)) {
          const { totalMs, gaps } = probeGaps(own)
          const off = totalMs - lengthMs
          const [atLeastMs, atMostMs] = [sum(gaps.map((gap) => gap.atLeastMs)), sum(gaps.map((gap) => gap.atMostMs))]
          beyond.push(Math.max(0, atLeastMs - lengthMs, lengthMs - atMostMs))
          errors[own[0]?.protocol ?? 'tcp'].push(Math.abs(off))
          if (Math.abs(off) > 2 * (1000 / perSecond)) say(outlier(own, off))
        }
      }
      figures.push({
        name: `probe: truth beyond what was told, ${lengthMs} ms outage`,
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

/** What may explain a gap that is far from the truth. */
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

/** One outage, as each probe saw it. */
async function outage(
  machine: Machine,
  lengthMs: number,
  attempts: RecordOf<'attempt'>[],
  { signal }: Bench,
): Promise<RecordOf<'attempt'>[][]> {
  // What was begun before it may be told after, without what was begun next to it.
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
  if ((await wallClock(machine)) >= from) throw new Error('the rule was there only when it should have applied')
  const probes = (): Map<string, RecordOf<'attempt'>[]> =>
    Map.groupBy(
      attempts.filter(({ at }) => at >= began),
      ({ from, protocol }) => `${from} ${protocol}`,
    )
  const wanted = probesOf.tcp + probesOf.udp
  // Over for a probe when it has given up the last try that failed, and a later one was answered.
  const over = (own: readonly RecordOf<'attempt'>[]): boolean => {
    const lastFailed = own.reduce((latest, { ok, at }) => (ok ? latest : Math.max(latest, at)), -Infinity)
    const lastTold = own.reduce((latest, { endedAt }) => Math.max(latest, endedAt), -Infinity)
    return lastFailed > -Infinity && lastTold > lastFailed + timeoutMs + lengthMs
  }
  const told = await eventually(
    'every probe to have seen the outage from its begin to its end',
    () => {
      const all = probes()
      return Promise.resolve(all.size === wanted && [...all.values()].every(over) && all)
    },
    { withinMs: 60_000, everyMs: 250, signal },
  )
  return [...told.values()].map((own) => [...own])
}

/** What the agent's own process takes for all probes, over some seconds in which nothing happens. */
async function costOf(
  machine: Machine,
  attempts: RecordOf<'attempt'>[],
  signal: AbortSignal,
): Promise<Record<'share' | 'rate' | 'lateness', Figure>> {
  const wanted = 5 * perSecond * (probesOf.tcp + probesOf.udp)
  await eventually('the probes to run', () => Promise.resolve(attempts.length > wanted / 5), {
    withinMs: 30_000,
    signal,
  })
  attempts.length = 0
  const [usedBefore, began] = [await processorMs(machine), performance.now()]
  await eventually('five seconds of attempts', () => Promise.resolve(attempts.length >= wanted), {
    withinMs: 60_000,
    everyMs: 50,
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

/** Processor time of the machine's agent so far; the kernel counts it in ticks of 10 ms. */
async function processorMs(machine: Machine): Promise<number> {
  const { pid } = await machine.call('hello', {})
  const { stdout } = await machine.call('exec', { argv: ['cat', `/proc/${pid}/stat`], timeoutMs: 5_000 })
  const fields = stdout.slice(stdout.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * 10
}

/** Nanoseconds since 1970, as the machine's kernel has it. */
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
