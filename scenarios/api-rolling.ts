import type { V1EndpointSlice } from '@kubernetes/client-node'
import type { Cluster, ComponentRef } from '../harness/cluster/cluster.ts'
import { refuseEmbedded } from '../harness/faults/process/component-process.ts'
import { type ScenarioContext, scenario } from '../harness/run/scenario.ts'
import { EtcdLease } from '../harness/traffic/etcd-lease.ts'
import { Histories } from '../harness/traffic/history/histories.ts'
import { useAbsentWebhook } from './api-rolling/absent-webhook.ts'
import { useNodeCredential } from './api-rolling/node-credentials.ts'

const minute = { timeoutMs: 60_000, intervalMs: 200 } as const
const writersInFlight = 4
/** Longer than a fault with its snapshots takes to be injected. */
const leaseSeconds = 20

/** API servers end one after the other while clients watch, list and write: one is stopped gracefully, the other one killed. */
export default scenario(
  'api-rolling',
  {
    describe:
      'Stop one API server gracefully and kill the other one, under watches, lists and writes; kill the etcd leader of a lease; use a webhook without a backend and the credential of a Node',
    topology: 'ha',
    testsFrom: 'start',
    contracts: ['API-01', 'API-09', 'API-13', 'API-14', 'ETCD-08'],
  },
  async (context) => {
    const { cluster, faults, traffic, signal, attempt, until, choose, step, record } = context
    const [stopped, killed] = choose([cluster.apiServers, cluster.apiServers.toReversed()])
    if (!stopped || !killed) throw new Error('the scenario needs two API servers')
    refuseEmbedded(stopped)
    const { namespace } = traffic.workloads
    const ledger = await traffic.ledger()
    await using histories = await Histories.start(cluster, { namespace, emit: record, choose, signal })
    await attempt('100 operations to be confirmed', () => histories.confirmed(100))
    await useNodeCredential(context)
    await useAbsentWebhook(context)

    step(`stop the API server on ${stopped.machine.name} gracefully`)
    {
      const writing = ledger.keepWriting(stopped.machine.name, writersInFlight)
      // An API server with open watches takes up to a minute to end.
      const stopping = faults.stop(stopped)
      stopping.catch(() => undefined)
      await until(
        `the address of ${stopped.machine.name} to leave`,
        async () => !(await isListed(cluster, stopped)),
        minute,
      )
      await writing[Symbol.asyncDispose]()
      await outliveLeader(context)
      await using _ = await stopping
    }
    await until(`the address of ${stopped.machine.name} to return`, () => isListed(cluster, stopped), minute)

    step(`kill the API server on ${killed.machine.name}`)
    {
      await using _ = await faults.kill(killed)
      await until(
        `the address of ${killed.machine.name} to leave`,
        async () => !(await isListed(cluster, killed)),
        minute,
      )
    }
    await until(`the address of ${killed.machine.name} to return`, () => isListed(cluster, killed), minute)
    await until('every API server to accept writes', () => cluster.probeWriteThroughAll(), minute)
    step('complete lists, watches and reads')
    await attempt('lists, watches and reads to complete', () => histories.close())
    await attempt('every write to be read back', () => ledger.close(signal))
    await until('the components to elect leaders', () => cluster.electionsHeld(), { timeoutMs: 120_000 })
  },
)

/** Whether the EndpointSlice of the API's own Service lists the address of an API server. */
async function isListed({ kubernetes }: Cluster, { machine }: ComponentRef): Promise<boolean> {
  const selector = 'kubernetes.io/service-name=kubernetes'
  const slices = await kubernetes.list<V1EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', 'default', selector)
  return slices.some(({ endpoints = [] }) =>
    endpoints.some(({ addresses }) => addresses.includes(machine.spec.address)),
  )
}

/** A client gets a lease of etcd, the leader is killed, and the client reads its key until that has expired. */
async function outliveLeader({ cluster, faults, traffic, until, step, record }: ScenarioContext): Promise<void> {
  const { namespace } = traffic.workloads
  const leader = await cluster.leader('etcd')
  const [follower] = cluster.etcd.filter((machine) => machine !== leader.machine)
  if (!follower) throw new Error('the scenario needs two etcd members')
  step(`kill the etcd leader on ${leader.machine.name} while a client holds a lease`)
  const client = await traffic.outside()
  const lease = await EtcdLease.grant(follower, leaseSeconds, { namespace, client, emit: record })
  {
    await using _ = await faults.kill(leader)
    await until('the lease to expire', () => lease.expired(follower), minute)
  }
  await until('all members to agree on one leader', () => cluster.etcdAgrees(), minute)
}
