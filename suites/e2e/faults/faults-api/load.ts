import { expect } from 'vitest'
import { etcdctlCredentials } from '../../../../harness/cluster/etcd.ts'
import { $ } from '../../../../harness/host/shell.ts'
import { apiRequest } from '../../../../harness/cluster/api/api-request.ts'
import type { ApiServer } from '../../../../harness/cluster/api/kubernetes.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { eventually, consistently } from '../../../../harness/common/eventually.ts'
import { type BreakableCluster, nth } from '../breakable-cluster.ts'
import { testEffect, refused } from '../proving.ts'

const etcdCredentials = etcdctlCredentials.join(' ')

/** Reads a machine's memory in megabytes from the engine. */
async function used(machine: Machine): Promise<number> {
  const { stdout } = await $`docker stats --no-stream --format ${'{{.MemUsage}}'} ${machine.containerId}`
  const [memory = ''] = stdout.split(' ')
  const unit = { KiB: 1 / 1024, MiB: 1, GiB: 1024 }[/[KMG]iB/.exec(memory)?.[0] ?? ''] ?? 0
  return Number.parseFloat(memory) * unit
}

/** Lists state and pid of busy loops: shells that the hog's shell started. */
const busy = `ps -eo pid=,ppid=,stat=,args= | awk '$4 == "sh" && /[h]oldfast-hog/ { by[$1] = $2; stat[$1] = $3 }
  END { for (pid in by) if (by[pid] in by) print stat[pid], pid }'`

/**
 * Checks that one loop runs without sleeping and uses at most its quota. On a busy host it may use less, but it must use processor
 * time.
 */
async function hogsProcessor(on: BreakableCluster, machine: Machine, cores: number): Promise<void> {
  const measure = async (): Promise<{ state: string; ticks: number; from: number; until: number }> => {
    const [state = '', pid = ''] = (await on.shell(machine, busy)).split(/\s+/)
    const clock = "cut -d' ' -f1 /proc/uptime"
    const script = `${clock}; awk '{print $14+$15}' /proc/${pid}/stat; ${clock}`
    const [from = 0, ticks = 0, until = 0] = (await on.shell(machine, script)).split('\n').map(Number)
    return { state: state.slice(0, 1), ticks, from, until }
  }
  const first = await measure()
  await eventually('the loop to use more processor time', async () => (await measure()).ticks > first.ticks + 10, {
    timeoutMs: 60_000,
  })
  const last = await measure()
  expect([first.state, last.state]).toEqual(['R', 'R'])
  // A tick is 10 ms. The quota applies to periods of 100 ms, and a whole period may count at each end.
  expect(last.ticks - first.ticks).toBeLessThanOrEqual(Math.ceil((last.until - first.from + 0.2) * cores * 100) + 1)
}

/** Reads from the API server's metrics how many requests of ordinary service accounts it has rejected. */
async function turnedAway(server: ApiServer): Promise<number> {
  const { body } = await apiRequest(server, 'GET', '/metrics', { timeoutMs: 10_000 })
  const lines = body.split('\n').filter((line) => line.startsWith('apiserver_flowcontrol_rejected_requests_total'))
  return lines
    .filter((line) => line.includes('priority_level="workload-low"'))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)
}

async function loadNamespaces({ own }: BreakableCluster): Promise<string[]> {
  const all = await own.cluster.kubernetes.list('v1', 'Namespace')
  return all
    .map(({ metadata }) => metadata?.name ?? '')
    .filter((name) => /^holdfast-(api-flood|event-storm)/.test(name))
}

/** Faults that load a machine or an API server. */
export function loadTests(it: () => BreakableCluster): void {
  const worker = (n = 0): Machine => nth(it().own.cluster.workers, n)
  const master = (): Machine => nth(it().own.cluster.controlPlane)
  const etcd = (): Machine => nth(it().own.cluster.etcd)

  testEffect('api-flood', 'the server rejects requests of service accounts until healed', it, async () => {
    const server = nth(it().own.cluster.kubernetes.servers)
    const before = await turnedAway(server)
    const active = await it().faults.apiFlood(master())
    const during = await turnedAway(server)
    expect(during).toBeGreaterThan(before)
    await active.heal()
    const after = await turnedAway(server)
    await consistently('the server to reject no more requests', async () => (await turnedAway(server)) === after, {
      forMs: 1_000,
    })
    expect(await loadNamespaces(it())).toEqual([])
  })

  testEffect('event-storm', 'its Events are in etcd until healed', it, async () => {
    const active = await it().faults.eventStorm(master())
    const [namespace] = await loadNamespaces(it())
    const stored = (): Promise<string> =>
      it().shell(
        etcd(),
        `etcdctl ${etcdCredentials} get --prefix --keys-only --limit=500 /registry/events/${namespace}/ | grep -c storm- || true`,
      )
    expect(Number(await stored())).toBeGreaterThanOrEqual(200)
    await active.heal()
    expect(await stored()).toBe('0')
    expect(await loadNamespaces(it())).toEqual([])
  })

  testEffect(['hog-memory', 'hog-cpu'], 'uses the given amount and no more until healed', it, async () => {
    const machine = worker(2)
    const before = await used(machine)
    await using memory = await it().faults.hogMemory(machine, { megabytes: 300 })
    await using cpu = await it().faults.hogCpu(machine, { cores: 0.5 })
    const during = await used(machine)
    expect(during).toBeGreaterThan(before + 280)
    await hogsProcessor(it(), machine, 0.5)
    await cpu.heal()
    expect(await it().shell(machine, busy)).toBe('')
    await memory.heal()
    expect(await used(machine)).toBeLessThan(during - 280)
    expect(await it().shell(machine, 'ls -d /sys/fs/cgroup/*/holdfast* 2>/dev/null; ls -A /run/holdfast; true')).toBe(
      '',
    )
  })

  refused(['api-flood', 'event-storm'], 'a machine without an API server', it, async () => [
    () => it().faults.apiFlood(worker()),
    () => it().faults.eventStorm(worker()),
  ])

  refused(['hog-cpu', 'hog-memory'], 'more than the machine has', it, async () => {
    const cores = Number(await it().shell(worker(), 'nproc'))
    const kilobytes = Number(await it().shell(worker(), "awk '/^MemTotal/ {print $2}' /proc/meminfo"))
    return [
      () => it().faults.hogCpu(worker(), { cores: cores + 1 }),
      () => it().faults.hogMemory(worker(), { megabytes: Math.ceil(kilobytes / 1024) }),
    ]
  })
}
