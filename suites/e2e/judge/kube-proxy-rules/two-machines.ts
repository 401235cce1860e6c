import { setTimeout as delay } from 'node:timers/promises'
import type { V1Service } from '@kubernetes/client-node'
import type { ProxyMode } from '../../../../harness/agent/kube-proxy/kernel-rules.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { eventually, consistently } from '../../../../harness/common/eventually.ts'
import { type Scenario, scenario, type ScenarioContext } from '../../../../harness/run/scenario.ts'
import { datagramPort } from '../../../../harness/traffic/services/packet-sender.ts'
import { byHand, frozen, shareAddress } from './by-hand.ts'
import type { ByHand } from './changes.ts'
import { briefSeconds, everySort } from './every-sort.ts'

/** Longer than the bound for rules, and so for flows to a deleted endpoint. */
const heldMs = 7_000
/** Longer than kube-proxy's bound to repair its rules with a sync period of ten seconds. */
const goneMs = 17_000
const outageMs = 3_000
/** Longer than the grace of probes before and after a change. */
const cutOffMs = 13_000

/**
 * The real scenario's name and packets on two machines, one with all endpoints and one with none. With `withErrors`, unrecorded changes
 * to the machines make every error that a kube-proxy could make.
 */
export const queriedOnTwoMachines = (mode: ProxyMode, withErrors: boolean): Scenario =>
  scenario(
    'kube-proxy-rules',
    { describe: 'Correct or intentionally wrong rules and packets on two machines', topology: 'single' },
    async (context) => {
      const [bare, host] = [context.cluster.controlPlane[0], context.cluster.workers[0]]
      if (!bare || !host) throw new Error('the scenario needs two machines')
      await useServices(context, bare, host, withErrors ? mode : undefined)
    },
  )

/** Sends all packets of the scenario, with every error in mode `withErrors`, or without errors. */
async function useServices(
  { faults, traffic, signal }: ScenarioContext,
  bare: Machine,
  host: Machine,
  withErrors: ProxyMode | undefined,
): Promise<void> {
  const { workloads, rules, packets, queries } = traffic
  const wrong = withErrors && byHand[withErrors]
  const both = (act: (node: Machine) => Promise<unknown>): Promise<unknown> => Promise.all([act(bare), act(host)])
  const settled = (names: readonly string[], except: readonly Machine[] = []): Promise<unknown> =>
    Promise.all(names.map((name) => rules.waitUntilRulesMatch(`${workloads.namespace}/${name}`, signal, except)))
  const { outside, inside, hidden, published, sink, balanced, sticky, forgetful, ...others } = await everySort(traffic)
  const headless = [others.headless, others['headless-hidden']]
  await traffic.useService('sticky')
  await traffic.probe('web')
  await traffic.probe('sticky')
  await traffic.probeFromOutside(['outside'])
  const client = await traffic.outside()
  const nodePort = outside.spec?.ports?.find(({ protocol }) => protocol === 'TCP')?.nodePort ?? 0
  await using _ = traffic.followRules()
  const ruled = ['web', 'outside', 'inside', 'hidden', 'published', 'sink', 'balanced', 'sticky', 'forgetful']
  await settled(ruled)
  // An unrelated flow from the same port number, as a masqueraded client may have by chance.
  const elsewhere = { address: bare.spec.address, port: 9, sourcePort: datagramPort, perSecond: 5 }
  await client.call('startDatagrams', elsewhere)
  await packets.send(bare, sink)
  await flow(sink)
  const { backend = '' } = await packets.inside(host, sticky)
  await workloads.removePod(backend)
  const replaced = async (): Promise<boolean> => !(await workloads.endpointPods('web')).includes(backend)
  await eventually('the pod to be replaced', replaced, { timeoutMs: 30_000, signal })
  await settled(['web', 'sticky', 'forgetful'])
  if (wrong) await cutOff(wrong)

  {
    await using tampering = new AsyncDisposableStack()
    const stale = wrong ? [bare] : []
    if (wrong) {
      tampering.use(await frozen(bare))
      tampering.use(await wrong.sendOn(bare, inside, await podIp('edge')))
      tampering.use(await wrong.sendOn(bare, hidden, await podIp('unready')))
    }
    await Promise.all([
      packets.through(bare, host, outside),
      packets.through(host, bare, outside),
      packets.through(client, host, outside),
      both((node) => packets.inside(node, inside)),
      both((node) => packets.inside(node, hidden)),
      both((node) => packets.inside(node, published)),
      both((node) => queries.health(node, balanced)),
      ...headless.map((service) => both((node) => queries.name(node, service))),
      // Without affinity rules there is no timeout to test.
      ...(wrong ? [] : [comingBackTooLate()]),
    ])
    await lastEndpoint(stale)
    await stoppingKubeProxy(stale)
    await Promise.all([rulesTakenAway(), datagrams(stale)])
  }
  await flow(sink, await podIp('sink'))
  if (wrong) {
    await wrong.forgetClients(bare, sticky)
    await shareAddress(host, workloads.namespace)
  }
  await rules.record()

  async function comingBackTooLate(): Promise<void> {
    for (let round = 0; round < 6; round++) {
      await both((node) => packets.inside(node, forgetful))
      // No fact shows the end of the timeout.
      await delay(briefSeconds * 1_000 + 500, undefined, { signal })
    }
  }

  /** The Node with the endpoint drops connections from outside for a while. */
  async function cutOff({ dropArriving }: ByHand): Promise<void> {
    await using ___ = await dropArriving(host, nodePort)
    await delay(cutOffMs, undefined, { signal })
  }

  /** The only endpoint of a Service serves while it terminates, but is unreachable from outside. */
  async function lastEndpoint(stale: readonly Machine[]): Promise<void> {
    await traffic.scale('edge', 0)
    const leaving = (): Promise<string | undefined> => workloads.terminatingEndpoint('outside')
    await eventually('the endpoint to be terminating', leaving, { timeoutMs: 20_000, intervalMs: 50, signal })
    await settled(['outside', 'inside'], stale)
    await using dropping = new AsyncDisposableStack()
    if (wrong) dropping.use(await wrong.dropArriving(host, nodePort))
    await Promise.all([packets.through(bare, host, outside), packets.inside(host, inside)])
  }

  /** Rules change while kube-proxy is down; connections fail while it restarts. */
  async function stoppingKubeProxy(stale: readonly Machine[]): Promise<void> {
    await using killed = await faults.kill({ machine: host, component: 'kube-proxy' })
    const late = await workloads.serviceOf('late', 'web', {})
    await settled(['late'], [host, ...stale])
    await both((node) => packets.inside(node, late))
    {
      const { clusterIp } = await workloads.addresses('web')
      await using dropping = new AsyncDisposableStack()
      if (wrong) dropping.use(await wrong.dropLeaving(host, clusterIp))
      await rules.record()
      if (wrong) await wrong.removeRule(host, sink)
      // The length of the outage.
      await delay(outageMs, undefined, { signal })
      await rules.record()
    }
    await killed.heal()
    await settled(['web', 'late'], stale)
    await rules.record()
  }

  /** Removes all rules of a kube-proxy. While frozen it does not detect that. */
  async function rulesTakenAway(): Promise<void> {
    await using thawing = new AsyncDisposableStack()
    thawing.use(await frozen(host))
    await using flushed = await faults.flushProxy(host, { what: 'tables' })
    await rules.record()
    // A concurrent write would leave the fault unproven: kube-proxy thaws once all rules are removed.
    if (!wrong) await thawing.disposeAsync()
    // In mode nftables kube-proxy detects the loss when it writes.
    await workloads.serviceOf('afterwards', 'web', {})
    const differs = async (): Promise<boolean> => (await rules.differences(host)).length > 0
    if (wrong) await consistently('the rules to stay removed', differs, { forMs: goneMs, intervalMs: 1_000, signal })
    else await settled(['web', 'sticky'], [bare])
    await rules.record()
    await flushed.heal()
  }

  /** Replaces the endpoint of a sender, which a frozen kube-proxy misses. */
  async function datagrams(stale: readonly Machine[]): Promise<void> {
    await traffic.scale('sink', 0)
    await traffic.rolloutComplete('sink')
    await settled(['sink'], [host, ...stale])
    await traffic.scale('sink', 1)
    await traffic.rolloutComplete('sink')
    await settled(['sink'], [host, ...stale])
    const held = async (): Promise<boolean> => (await packets.flows(bare, sink)).length > 0
    if (wrong)
      await consistently('the flow to stay on the deleted endpoint', held, { forMs: heldMs, intervalMs: 1_000, signal })
  }

  function podIp(app: string): Promise<string> {
    const running = async (): Promise<string | undefined> =>
      (await workloads.pods(app)).find(({ status }) => status?.podIP)?.status?.podIP
    return eventually(`a pod of ${app} to have an address`, running, { timeoutMs: 30_000, signal })
  }

  /** Waits until connection tracking has a flow to endpoint `ip`, or to any. */
  async function flow(service: V1Service, ip?: string): Promise<void> {
    const tracked = async (): Promise<boolean> =>
      (await packets.flows(bare, service)).some(({ answeredBy }) => ip === undefined || answeredBy.startsWith(`${ip}:`))
    await eventually('the datagrams to be tracked', tracked, { timeoutMs: 20_000, intervalMs: 250, signal })
  }
}
