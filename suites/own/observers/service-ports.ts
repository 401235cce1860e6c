import { expect, test } from 'vitest'
import { agnhostPod } from '../../../harness/cluster/agnhost.ts'
import { eventually } from '../../../harness/eventually.ts'
import type { JournalRecord } from '../../../harness/record/records.ts'
import { Traffic } from '../../../harness/traffic/traffic.ts'
import type { OwnCluster } from '../../../harness/vitest/own-cluster.ts'

interface Observed {
  readonly own: OwnCluster
  readonly told: readonly JournalRecord[]
  readonly signal: AbortSignal
}

/** One pod on the host's own network, which listens where it is told to. */
function onHostNetwork(name: string, tcp: number, udp: number): object {
  const labels = { app: 'web', part: name }
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
          hostNetwork: true,
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
  test('traffic follows the ports of Services that others made: other numbers, names, and TCP alone', async () => {
    const { own, told, signal } = it()
    const { cluster } = own
    await using traffic = await Traffic.start(cluster, 'hf-ports', own.emit, signal)
    for (const pod of [onHostNetwork('one', 18_080, 18_081), onHostNetwork('two', 28_080, 28_081)])
      await cluster.kubernetes.apply(pod as never)
    for (const name of ['one', 'two']) await traffic.settled(name)
    const service = (name: string, ports: object[]): object => ({
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name, namespace: 'hf-ports' },
      spec: { selector: { app: 'web' }, ports },
    })
    const tcp = { name: 'tcp', protocol: 'TCP', port: 8443, targetPort: 'web' }
    const udp = { name: 'udp', protocol: 'UDP', port: 5353, targetPort: 'echo' }
    await cluster.kubernetes.apply(service('both', [tcp, udp]) as never)
    await cluster.kubernetes.apply(service('plain', [tcp]) as never)
    for (const name of ['both', 'plain']) {
      await traffic.adopt(name)
      await traffic.probe(name, ['cluster-ip', 'pod-ip'])
      await traffic.sample(name, { rounds: 1 })
    }
    const samples = told
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
          told.flatMap((one) =>
            one.kind === 'attempt' && one.ok
              ? [`${one.service} ${one.protocol}${one.target ? ` ${one.target}` : ''}`]
              : [],
          ),
        )
        const left = [...wanted, 'hf-ports/both udp', 'hf-ports/both udp pod-ip'].filter((one) => !answered.has(one))
        if (left.length > 0) throw new Error(`not answered: ${left.join(', ')}`)
        return true
      },
      { withinMs: 60_000, everyMs: 250, signal },
    )
    await traffic.workloads.remove()
  })
}
