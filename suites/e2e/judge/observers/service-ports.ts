import { expect, test } from 'vitest'
import { agnhostPod } from '../../../../harness/cluster/agnhost.ts'
import { eventually } from '../../../../harness/common/eventually.ts'
import type { JournalRecord } from '../../../../harness/record/records.ts'
import { Traffic } from '../../../../harness/traffic/traffic.ts'
import type { OwnCluster } from '../../../../harness/vitest/own-cluster.ts'

interface Observed {
  readonly own: OwnCluster
  readonly recorded: readonly JournalRecord[]
  readonly signal: AbortSignal
}

/** A Deployment of one pod that listens on the given ports. */
function deployment(app: string, name: string, [tcp, udp]: readonly [number, number], hostNetwork = false): object {
  const labels = { app, part: name }
  const [container] = agnhostPod()['containers'] as [Record<string, unknown>]
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace: 'hf-ports', labels },
    spec: {
      replicas: 1,
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          ...agnhostPod(),
          hostNetwork,
          containers: [
            {
              ...container,
              args: ['netexec', `--http-port=${tcp}`, `--udp-port=${udp}`],
              readinessProbe: { httpGet: { path: '/hostname', port: tcp }, periodSeconds: 1 },
              ports: [
                { name: 'web', containerPort: tcp, protocol: 'TCP' },
                { name: 'echo', containerPort: udp, protocol: 'UDP' },
              ],
            },
          ],
        },
      },
    },
  }
}

export function portTests(it: () => Observed): void {
  test('traffic uses the ports of existing Services: other numbers, names, and TCP only', async () => {
    const { own, recorded, signal } = it()
    const { cluster } = own
    await using traffic = await Traffic.start(cluster, 'hf-ports', own.emit, signal)
    // On the host network over TCP only: a UDP answer comes from the address of the route to the client's pod.
    const pods = [
      deployment('web', 'one', [18_080, 18_081]),
      deployment('web', 'two', [28_080, 28_081]),
      deployment('host', 'host', [38_080, 38_081], true),
    ]
    for (const pod of pods) await cluster.kubernetes.apply(pod as never)
    for (const name of ['one', 'two', 'host']) await traffic.rolloutComplete(name)
    const service = (name: string, app: string, ports: object[]): object => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'hf-ports' },
      spec: { selector: { app }, ports },
    })
    const tcp = { name: 'tcp', protocol: 'TCP', port: 8443, targetPort: 'web' }
    const udp = { name: 'udp', protocol: 'UDP', port: 5353, targetPort: 'echo' }
    await cluster.kubernetes.apply(service('both', 'web', [tcp, udp]) as never)
    await cluster.kubernetes.apply(service('plain', 'host', [tcp]) as never)
    for (const name of ['both', 'plain']) {
      await traffic.useService(name)
      await traffic.probe(name, ['cluster-ip', 'pod-ip'])
      await traffic.sample(name, { rounds: 1 })
    }
    const samples = recorded
      .filter((record) => record.kind === 'sample')
      .filter(({ service }) => service.startsWith('hf-ports/'))
    expect([...new Set(samples.map(({ service, protocol }) => `${service} ${protocol}`))].toSorted()).toEqual([
      'hf-ports/both tcp',
      'hf-ports/both udp',
      'hf-ports/plain tcp',
    ])
    expect(samples.map(({ failed }) => failed)).toEqual(samples.map(() => 0))
    const wanted = ['tcp', 'tcp pod-ip'].flatMap((way) => [`hf-ports/both ${way}`, `hf-ports/plain ${way}`])
    await eventually(
      'every probe to be answered',
      () => {
        const answered = new Set(
          recorded.flatMap((one) =>
            one.kind === 'attempt' && one.ok
              ? [`${one.service} ${one.protocol}${one.target ? ` ${one.target}` : ''}`]
              : [],
          ),
        )
        const left = [...wanted, 'hf-ports/both udp', 'hf-ports/both udp pod-ip'].filter((one) => !answered.has(one))
        if (left.length > 0) throw new Error(`not answered: ${left.join(', ')}`)
        return true
      },
      { timeoutMs: 60_000, intervalMs: 250, signal },
    )
    await traffic.workloads.remove()
  })
}
