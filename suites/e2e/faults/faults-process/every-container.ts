import type { V1Pod } from '@kubernetes/client-node'
import { expect } from 'vitest'
import { agnhostPod, agnhostPorts } from '../../../../harness/cluster/agnhost.ts'
import type { ContainerRef } from '../../../../harness/faults/engine/fault-kind.ts'
import type { Faults } from '../../../../harness/faults/catalogue/faults.ts'
import type { ActiveFault } from '../../../../harness/faults/engine/fault.ts'
import { testEffect, refused } from '../proving.ts'
import type { BrokenCluster } from './broken-cluster.ts'

const host = 'worker1'
const namespace = 'default'

interface Row {
  readonly inject: (faults: Faults, ref: ContainerRef) => Promise<ActiveFault>
  /** The pod does not answer while the fault is active. */
  readonly silent: boolean
  /** A new container replaces the old one. */
  readonly anew: boolean
}

const kill: Row = { inject: (faults, ref) => faults.killContainer(ref), silent: false, anew: true }
const stop: Row = { inject: (faults, ref) => faults.stopContainer(ref), silent: true, anew: true }
const pause: Row = { inject: (faults, ref) => faults.pauseContainer(ref), silent: true, anew: false }
const crash: Row = {
  inject: (faults, ref) => faults.crashLoopContainer(ref, { everyMs: 200 }),
  silent: true,
  anew: true,
}
const slow: Row = { inject: (faults, ref) => faults.slowContainer(ref, { percent: 1 }), silent: false, anew: false }

/** Each row has its own pod, so that all faults are active at once. */
const rows: Readonly<Record<string, Row & { readonly container: 'agnhost' | 'pause' }>> = {
  'kill-agnhost': { ...kill, container: 'agnhost' },
  'kill-pause': { ...kill, container: 'pause' },
  'stop-agnhost': { ...stop, container: 'agnhost' },
  'stop-pause': { ...stop, container: 'pause' },
  'pause-agnhost': { ...pause, container: 'agnhost' },
  // A sandbox holds the network without running.
  'pause-pause': { ...pause, container: 'pause', silent: false },
  'crash-agnhost': { ...crash, container: 'agnhost' },
  'crash-pause': { ...crash, container: 'pause' },
  'slow-agnhost': { ...slow, container: 'agnhost' },
}

/** Faults of a pod's own container and of its sandbox (`pause`). */
export function everyContainerTests(it: () => BrokenCluster): void {
  const pod = (name: string): object => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace } })
  const read = (name: string): Promise<V1Pod> => it().own.cluster.kubernetes.read<V1Pod>(pod(name))
  const ref = (name: string, container: string): ContainerRef => ({
    machine: it().machine(host),
    namespace,
    pod: name,
    container,
  })
  const answers = async (name: string): Promise<boolean> => {
    const url = `http://${(await read(name)).status?.podIP}:${agnhostPorts.tcp}/hostname`
    return it()
      .machine('control-plane1')
      .call('http', { url, method: 'GET', timeoutMs: 1_000 })
      .then(
        ({ status }) => status === 200,
        () => false,
      )
  }
  const each = async <T>(what: (name: string) => Promise<T>, of = Object.keys(rows)): Promise<Record<string, T>> =>
    Object.fromEntries(await Promise.all(of.map(async (name) => [name, await what(name)] as const)))
  const idOf = async (name: string): Promise<string> =>
    (await read(name)).status?.containerStatuses?.[0]?.containerID ?? ''
  const answered = (): Promise<boolean> =>
    it().becomes('every pod to answer', async () => Object.values(await each(answers)).every(Boolean))

  const all = 'all at once, each on a container and on a sandbox (the quota only on a container: sandboxes sleep)'
  testEffect(
    ['kill-container', 'stop-container', 'pause-container', 'crash-loop-container', 'slow-container'],
    all,
    it,
    async () => {
      const { kubernetes } = it().own.cluster
      const spec = { ...agnhostPod({ graceSeconds: 0 }), nodeName: host }
      const taken = async (): Promise<boolean> =>
        each((name) => kubernetes.apply({ ...pod(name), spec } as never)).then(() => true)
      await it().becomes('the API server to accept the pods', taken)
      await answered()
      const before = await each(idOf)
      await it().breaking(async (faults) => {
        let busy = true
        const load = (async () => {
          while (busy) await answers('slow-agnhost')
        })()
        // A sleeping sandbox is never throttled: the fault is unproven, and active faults of others stay.
        await using others = it().another()
        const unproven = others.slowContainer(ref('slow-agnhost', 'pause'), { percent: 1 }).then(
          () => 'proven',
          (error: unknown) => (error as { code?: string }).code,
        )
        try {
          const hit = Object.entries(rows).map(([name, { inject, container }]) => inject(faults, ref(name, container)))
          const activeFaults = await Promise.all(hit)
          const silent = Object.keys(rows).filter((name) => rows[name]?.silent)
          await it().becomes('the pods that are down to stop answering', async () =>
            Object.values(await each(answers, silent)).every((one) => !one),
          )
          const frozen = await it().shell(host, `ps -eo stat=,comm= | awk '$1 ~ /^T/ {print $2}' | sort`)
          expect(frozen.split('\n')).toEqual(['agnhost', 'pause'])
          await Promise.all(activeFaults.map((active) => active.heal()))
          expect(await unproven).toBe('HF_FAULT_UNPROVEN')
        } finally {
          busy = false
          await load
        }
        await answered()
        const after = await each(idOf)
        const anew = Object.fromEntries(Object.keys(rows).map((name) => [name, after[name] !== before[name]]))
        expect(anew).toEqual(Object.fromEntries(Object.entries(rows).map(([name, row]) => [name, row.anew])))
      })
      await each((name) => kubernetes.delete(pod(name), 0))
    },
  )

  refused(
    ['kill-container', 'stop-container', 'pause-container', 'crash-loop-container', 'slow-container'],
    'a container that does not exist',
    it,
    async () => {
      const absent = ref('absent', 'agnhost')
      return [kill, stop, pause, crash, slow].map(
        ({ inject }) =>
          () =>
            inject(it().faults, absent),
      )
    },
  )
}
