import { describe, expect } from 'vitest'
import type { Component } from '../../../../harness/cluster/components.ts'
import type { ComponentRef } from '../../../../harness/cluster/cluster.ts'
import type { ActiveFault } from '../../../../harness/faults/engine/fault.ts'
import type { endingSignals } from '../../../../harness/agent/actions/process/signal.ts'
import { testEffect, refused } from '../proving.ts'
import type { BrokenCluster } from './broken-cluster.ts'
import { Busy } from './busy.ts'

type Signal = (typeof endingSignals)[number]
type Row = readonly [Component, machine: string, Signal]

/**
 * Every component with its machine and a signal to kill it; every signal that ends a process occurs. Components that can't start
 * without each other are in different groups, so that restarted ones stay up.
 */
const groups: readonly (readonly Row[])[] = [
  [
    ['etcd', 'etcd1', 'SIGKILL'],
    ['kube-scheduler', 'control-plane1', 'SIGABRT'],
    ['kubelet', 'worker1', 'SIGTERM'],
    ['kube-proxy', 'worker1', 'SIGINT'],
  ],
  [
    ['kube-controller-manager', 'control-plane1', 'SIGSEGV'],
    ['containerd', 'worker1', 'SIGKILL'],
    ['flanneld', 'worker1', 'SIGHUP'],
    ['kube-apiserver', 'control-plane1', 'SIGQUIT'],
  ],
]

type Seen = Awaited<ReturnType<BrokenCluster['process']>>

/** Each process fault on every component, the components of a group at once. */
export function everyComponentTests(it: () => BrokenCluster): void {
  describe.each(groups.map((rows) => [rows.map(([component]) => component).join(', '), rows] as const))(
    '%s',
    (_, rows) => {
      const ref = ([component, machine]: Row): ComponentRef => ({ machine: it().machine(machine), component })
      const onEach = async <T>(what: (row: Row) => Promise<T>): Promise<Record<string, T>> =>
        Object.fromEntries(await Promise.all(rows.map(async (row) => [row[0], await what(row)] as const)))
      const processes = (): Promise<Record<string, Seen>> =>
        onEach(([component, machine]) => it().process(machine, component))
      const all = <T>(what: T): Record<string, T> => Object.fromEntries(rows.map(([component]) => [component, what]))
      const every = async (
        inject: (one: ComponentRef, signal: Signal) => Promise<ActiveFault>,
      ): Promise<AsyncDisposableStack> => {
        const activeFaults = new AsyncDisposableStack()
        for (const active of Object.values(await onEach((row) => inject(ref(row), row[2])))) activeFaults.use(active)
        return activeFaults
      }
      const pids = async (): Promise<Record<string, string | undefined>> => {
        const seen = await processes()
        return Object.fromEntries(Object.entries(seen).map(([component, one]) => [component, one?.pid]))
      }
      const states = async (): Promise<Record<string, string | undefined>> => {
        const seen = await processes()
        return Object.fromEntries(Object.entries(seen).map(([component, one]) => [component, one?.state[0]]))
      }
      /** A component may end and restart while another one that it depends on is down. */
      const settled = (): Promise<boolean> =>
        it().becomes('all components to have run for two seconds', async () => {
          const ages = Object.values(
            await onEach(([component, machine]) =>
              it().shell(machine, `ps -o etimes= --ppid "$(pgrep -fx 'runsv ${component}')"`),
            ),
          )
          await it().own.cluster.probeWrite()
          const ready = await Promise.all(it().own.cluster.nodes.map((node) => it().own.cluster.nodeReady(node)))
          return ages.every((age) => Number(age) >= 2) && ready.every(Boolean)
        })

      testEffect('kill', 'by signal: ps shows no process, then new ones after healing', it, async () => {
        await settled()
        const before = await pids()
        await it().breaking(async (faults) => {
          {
            await using _ = await every((one, signal) => faults.kill(one, { signal }))
            expect(await pids()).toEqual(all(undefined))
          }
          await settled()
          for (const [component, pid] of Object.entries(await pids()))
            expect(pid, component).not.toBe(before[component])
        })
      })

      testEffect(
        'stop',
        'the supervisor keeps them down, and a component that is down is no valid target',
        it,
        async () => {
          await settled()
          await it().breaking(async (faults) => {
            {
              await using _ = await every((one) => faults.stop(one))
              const status = ([component, machine]: Row): Promise<string> =>
                it().shell(machine, `sv status /opt/holdfast/sv/${component} | cut -d: -f1`)
              expect(await onEach(status)).toEqual(all('down'))
              // A second harness, without the claims of the first.
              await using others = it().another()
              await onEach(async (row) => {
                const impossible = [
                  () => others.kill(ref(row)),
                  () => others.stop(ref(row)),
                  () => others.pause(ref(row)),
                  () => others.crashLoop(ref(row), { everyMs: 100 }),
                  () => others.slow(ref(row), { percent: 5 }),
                ]
                const refused = { code: 'HF_FAULT_UNAVAILABLE', exitCode: 64 }
                for (const inject of impossible) await expect(inject(), row[0]).rejects.toMatchObject(refused)
              })
              expect(await pids()).toEqual(all(undefined))
            }
            await settled()
          })
        },
      )

      testEffect('pause', 'ps shows them stopped, then the same processes running after healing', it, async () => {
        await settled()
        const before = await pids()
        await it().breaking(async (faults) => {
          {
            await using _ = await every((one) => faults.pause(one))
            expect(await states()).toEqual(all('T'))
            expect(await pids()).toEqual(before)
          }
          for (const [component, state] of Object.entries(await states())) expect(state, component).not.toBe('T')
          await settled()
        })
      })

      testEffect('crash-loop', 'ps shows one process after another, then a lasting one after healing', it, async () => {
        await settled()
        await it().breaking(async (faults) => {
          // Polled inside the machine, fast enough to find short-lived processes.
          const three = ([component, machine]: Row): Promise<string> =>
            it().shell(
              machine,
              `supervisor=$(pgrep -fx 'runsv ${component}')
               for look in $(seq 1000); do
                 for pid in $(cat /proc/$supervisor/task/$supervisor/children); do
                   case " $seen " in *" $pid "*) ;; *) seen="$seen $pid" ;; esac
                 done
                 [ $(echo $seen | wc -w) -ge 3 ] && break
                 sleep 0.03
               done
               echo $seen | wc -w`,
            )
          {
            await using _ = await every((one) => faults.crashLoop(one, { everyMs: 300 }))
            expect(await onEach(three)).toEqual(all('3'))
          }
          await settled()
        })
      })

      testEffect('slow', 'in a cgroup with the quota, then in their previous one after healing', it, async () => {
        await settled()
        const quota = ([component, machine]: Row): Promise<string> =>
          it().shell(
            machine,
            `pid=$(ps -o pid= --ppid "$(pgrep -fx 'runsv ${component}')" | tr -d ' ')
           v1=$(grep -E ':(cpu|cpu,cpuacct|cpuacct,cpu):' /proc/$pid/cgroup | cut -d: -f3)
           cat /sys/fs/cgroup/cpu$v1/cpu.cfs_quota_us || cut -d' ' -f1 /sys/fs/cgroup$(cut -d: -f3 /proc/$pid/cgroup)/cpu.max`,
          )
        const before = await onEach(quota)
        await it().breaking(async (faults) => {
          {
            // An idle component is throttled only with a tiny quota and some work. The components that deliver the work are
            // slowed down last.
            await using busy = new Busy(it())
            await using activeFaults = new AsyncDisposableStack()
            const last = (row: Row): boolean => ['etcd', 'kube-apiserver'].includes(row[0])
            for (const row of [...rows.filter((row) => !last(row)), ...rows.filter(last)])
              activeFaults.use(await faults.slow(ref(row), { percent: 1 }))
            await busy.end()
            expect(await onEach(quota)).toEqual(all('1000'))
          }
          expect(await onEach(quota)).toEqual(before)
          await settled()
        })
      })
    },
  )

  refused(
    ['kill', 'stop', 'pause', 'crash-loop', 'slow'],
    'a component that the machine does not have',
    it,
    async () => {
      const absent = { machine: it().machine('worker1'), component: 'etcd' } as const
      return [
        () => it().faults.kill(absent),
        () => it().faults.stop(absent),
        () => it().faults.pause(absent),
        () => it().faults.crashLoop(absent, { everyMs: 100 }),
        () => it().faults.slow(absent, { percent: 5 }),
      ]
    },
  )
}
