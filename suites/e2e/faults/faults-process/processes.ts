import type { V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import type { ContainerRef } from '../../../../harness/faults/engine/fault-kind.ts'
import type { BrokenCluster } from './broken-cluster.ts'

export function processTests(it: () => BrokenCluster): void {
  test('slow: under load the API server uses no more than its share of a processor', async () => {
    const [machine, component, percent] = ['control-plane1', 'kube-apiserver', 10] as const
    await it().breaking(async (faults) => {
      let loading = true
      const load = (async () => {
        while (loading)
          await it()
            .own.cluster.kubernetes.list('v1', 'Pod')
            .catch(() => undefined)
      })()
      try {
        await using _ = await faults.slow({ machine: it().machine(machine), component }, { percent })
        const { pid = '' } = (await it().process(machine, component)) ?? {}
        // The process's ticks of 10 ms, between two reads of the kernel's clock.
        const used = async (): Promise<{ before: number; ticks: number; after: number }> => {
          const script = `cut -d' ' -f1 /proc/uptime; awk '{print $14+$15}' /proc/${pid}/stat; cut -d' ' -f1 /proc/uptime`
          const [before = 0, ticks = 0, after = 0] = (await it().shell(machine, script)).split('\n').map(Number)
          return { before, ticks, after }
        }
        const first = await used()
        await it().becomes('three seconds to pass', async () => (await used()).before - first.after >= 3)
        const last = await used()
        // The quota applies to periods of 100 ms: a whole period may count at each end.
        const allowed = (last.after - first.before + 0.2) * percent
        expect(last.ticks - first.ticks).toBeLessThanOrEqual(Math.ceil(allowed) + 1)
        expect(last.ticks - first.ticks).toBeGreaterThan(0)
      } finally {
        loading = false
        await load
      }
    })
    await it().becomes('the API server to accept writes', () => it().own.cluster.probeWrite())
  })

  const coreDns = async (): Promise<{ ref: ContainerRef; pod: V1Pod }> => {
    const { cluster } = it().own
    const [pod] = await cluster.kubernetes.list<V1Pod>('v1', 'Pod', 'kube-system', 'k8s-app=kube-dns')
    const [name, host] = [pod?.metadata?.name ?? '', pod?.spec?.nodeName ?? '']
    if (!pod || name === '') throw new Error('the cluster has no CoreDNS')
    return { pod, ref: { machine: cluster.machine(host), namespace: 'kube-system', pod: name, container: 'coredns' } }
  }
  const read = ({ namespace, pod: name }: ContainerRef): Promise<V1Pod> =>
    it().own.cluster.kubernetes.read<V1Pod>({ apiVersion: 'v1', kind: 'Pod', metadata: { namespace, name } })
  const containerOf = ({ status }: V1Pod): string | undefined => status?.containerStatuses?.[0]?.containerID
  /** Whether the pod answers a DNS query at its own address. */
  const answers = ({ machine }: ContainerRef, { status }: V1Pod): Promise<boolean> =>
    machine
      .call('resolve', { server: status?.podIP ?? '', name: 'kubernetes.default.svc.cluster.local', timeoutMs: 500 })
      .then(
        () => true,
        () => false,
      )
  const ready = (): Promise<boolean> =>
    it().becomes('CoreDNS to be Ready', async () => {
      const { cluster } = it().own
      const pods = await cluster.kubernetes.list<V1Pod>('v1', 'Pod', 'kube-system', 'k8s-app=kube-dns')
      return pods.every(({ status }) =>
        status?.conditions?.some((one) => one.type === 'Ready' && one.status === 'True'),
      )
    })

  test('CoreDNS paused: its own address answers no query until healed', async () => {
    await it().breaking(async (faults) => {
      const { ref, pod } = await coreDns()
      const answered = (): Promise<boolean> => answers(ref, pod)
      expect(await answered()).toBe(true)
      {
        await using _ = await faults.pauseContainer(ref)
        expect(await answered()).toBe(false)
      }
      await it().becomes('CoreDNS to answer', answered)
    })
  })

  test('CoreDNS killed: the kubelet reports a restart', async () => {
    await ready()
    await it().breaking(async (faults) => {
      const { ref, pod } = await coreDns()
      const before = containerOf(pod)
      await (await faults.killContainer(ref)).heal()
      await it().becomes('the API to report another container', async () => {
        const after = containerOf(await read(ref))
        return after !== undefined && after !== before
      })
    })
    await ready()
  })

  test('CoreDNS stopped, in a crash loop, and slowed down: no answer, new containers, and throttling', async () => {
    await ready()
    const kubectl = 'kubectl --kubeconfig=/etc/kubernetes/admin.conf -n kube-system'
    await it().breaking(async (faults) => {
      for (const inject of [
        (ref: ContainerRef) => faults.stopContainer(ref),
        (ref: ContainerRef) => faults.crashLoopContainer(ref, { everyMs: 200 }),
      ]) {
        const { ref, pod } = await coreDns()
        const before = containerOf(pod)
        {
          await using _ = await inject(ref)
          await it().becomes('CoreDNS to stop answering', async () => !(await answers(ref, pod)))
        }
        await it().becomes('another container to answer', async () => {
          const now = await read(ref)
          return containerOf(now) !== before && answers(ref, now)
        })
        // The kubelet's restart back-off of a pod grows: replace the pod.
        await it().shell('control-plane1', `${kubectl} delete pod ${ref.pod} --grace-period=0 --force`)
        await ready()
      }
      const { ref, pod } = await coreDns()
      let querying = true
      const queries = (async () => {
        while (querying) await Promise.all(Array.from({ length: 20 }, () => answers(ref, pod)))
      })()
      try {
        await using _ = await faults.slowContainer(ref, { percent: 1 })
      } finally {
        querying = false
        await queries
      }
      await it().becomes('CoreDNS to answer', () => answers(ref, pod))
    })
    await ready()
  })
}
