import { setTimeout as delay } from 'node:timers/promises'
import type { V1Service } from '@kubernetes/client-node'
import { refuseWithin } from '../harness/faults/process/process.ts'
import { scenario } from '../harness/run/scenario.ts'

/** Length of kube-proxy's outage. */
const outageMs = 4_000
/** A session affinity timeout that a client can return within and that a test can wait for. */
const briefSeconds = 2

/** Services of every kind are used and changed while one kube-proxy is killed, restarted, and loses its rules. */
export default scenario(
  'kube-proxy-rules',
  {
    describe: "Create, change and delete Services of every kind; kill one machine's kube-proxy, then remove its rules",
    topology: 'ha',
    testsFrom: 'start',
    contracts: [
      'NET-05',
      'CM-04',
      'KLET-06',
      'NODE-01',
      'PROXY-01',
      'PROXY-02',
      'PROXY-03',
      'PROXY-04',
      'PROXY-05',
      'PROXY-06',
      'PROXY-07',
      'PROXY-08',
      'PROXY-09',
      'PROXY-10',
      'PROXY-11',
      'SYS-01',
      'SYS-02',
      'CP-01',
    ],
  },
  async ({ cluster, faults, traffic, signal, until, consistently, choose, step }) => {
    const { workloads, rules, reaching, asking } = traffic
    const everyNode = (act: (node: (typeof cluster.nodes)[number]) => Promise<unknown>): Promise<unknown> =>
      Promise.all(cluster.nodes.map(act))
    const struck = choose(cluster.workers)
    // A component embedded in another process can't be killed separately: refuse before the first step.
    refuseWithin({ machine: struck, component: 'kube-proxy' })
    const [sender] = cluster.workers.filter((machine) => machine !== struck)
    const [asker] = cluster.controlPlane
    if (!sender || !asker) throw new Error('the scenario needs a control-plane machine and two workers')

    step('create Services of every kind')
    await Promise.all([
      traffic.deploy('web', { replicas: 3 }),
      workloads.deployment('edge', { replicas: 1, slowStopSeconds: 12, graceSeconds: 30 }),
      workloads.deployment('unready', { replicas: 1, neverReady: true }),
      workloads.deployment('sink', { replicas: 1, slowStopSeconds: 0 }),
    ])
    await Promise.all([workloads.settled('edge'), workloads.settled('sink')])
    const sessionAffinityConfig = { clientIP: { timeoutSeconds: 10 } }
    const brief = { clientIP: { timeoutSeconds: briefSeconds } }
    const [outside, inside, hidden, published, sink, sticky, forgetful, balanced, everyPort, ...headless] =
      await Promise.all([
        workloads.serviceOf('outside', 'edge', { type: 'NodePort', externalTrafficPolicy: 'Local' }),
        workloads.serviceOf('inside', 'edge', { internalTrafficPolicy: 'Local' }),
        workloads.serviceOf('hidden', 'unready', {}),
        workloads.serviceOf('published', 'unready', { publishNotReadyAddresses: true }),
        workloads.serviceOf('sink', 'sink', {}),
        workloads.serviceOf('sticky', 'web', { sessionAffinity: 'ClientIP', sessionAffinityConfig }),
        workloads.serviceOf('forgetful', 'web', { sessionAffinity: 'ClientIP', sessionAffinityConfig: brief }),
        workloads.serviceOf('balanced', 'edge', { type: 'LoadBalancer', externalTrafficPolicy: 'Local' }),
        workloads.serviceOf('every-port', 'web', { type: 'NodePort' }),
        workloads.serviceOf('headless', 'web', { clusterIP: 'None' }),
        workloads.serviceOf('headless-hidden', 'unready', { clusterIP: 'None' }),
        workloads.serviceOf('headless-published', 'unready', { clusterIP: 'None', publishNotReadyAddresses: true }),
      ])
    await traffic.adopt('sticky')
    await traffic.probe('web')
    await traffic.probe('web', ['cluster-ip'], { connection: 'kept' })
    await traffic.probe('sticky')
    const fromOutside = await traffic.probeFromOutside(['outside', 'every-port'], { perSecond: 5 })
    const client = await traffic.outside()
    await using _ = traffic.followRules()
    const settled = (names: readonly string[]): Promise<void> => traffic.rulesFollow(names)
    await settled([
      'web',
      'outside',
      'inside',
      'hidden',
      'published',
      'sink',
      'sticky',
      'forgetful',
      'balanced',
      'every-port',
    ])

    step('traffic policies and unready endpoints')
    const others = (node: (typeof cluster.nodes)[number]): typeof asker => (node === asker ? sender : asker)
    await everyNode((node) => reaching.through(others(node), node, outside))
    await everyNode((node) => reaching.through(client, node, outside))
    await everyNode((node) => reaching.inside(node, inside))
    await everyNode((node) => reaching.inside(node, hidden))
    await everyNode((node) => reaching.inside(node, published))
    await everyNode((node) => asking.health(node, balanced))
    for (const service of headless) await everyNode((node) => asking.name(node, service))
    for (const protocol of ['tcp', 'udp'] as const) {
      await everyNode((node) => reaching.through(others(node), node, everyPort, protocol))
      await everyNode((node) => reaching.through(client, node, everyPort, protocol))
    }

    step('clients return before and after the affinity timeout')
    for (let round = 0; round < 3; round++) {
      for (let visit = 0; visit < 3; visit++) await everyNode((node) => reaching.inside(node, forgetful))
      // No fact shows the end of the timeout.
      await delay(briefSeconds * 1_000 + 500, undefined, { signal })
    }
    await everyNode((node) => reaching.inside(node, forgetful))

    step('add and remove endpoints and Services')
    const passing = await Promise.all(
      ['one', 'two', 'three'].map((name) => workloads.serviceOf(name, 'web', { type: 'NodePort' })),
    )
    await traffic.scale('web', 6)
    await traffic.settled('web')
    await Promise.all(passing.map(({ metadata }) => workloads.removeService(metadata?.name ?? '')))
    await traffic.scale('web', 4)
    await traffic.settled('web')
    const { backend } = await reaching.inside(sender, sticky)
    await workloads.removePod(backend ?? '')
    await until('the pod to be replaced', async () => !(await workloads.endpointPods('web')).includes(backend ?? ''), {
      timeoutMs: 30_000,
    })
    await traffic.settled('web')
    await settled(['web', 'sticky'])

    step('sample the balance while other Services change')
    const sampled = new AbortController()
    await Promise.all([traffic.sample('web', { rounds: 3 }).finally(() => sampled.abort()), churning(sampled.signal)])

    // These Services have no endpoints from here on.
    await fromOutside[Symbol.asyncDispose]()
    step('the only endpoint of a Service serves while it terminates')
    await traffic.scale('edge', 0)
    const going = await until('the endpoint to be terminating', () => workloads.terminatingEndpoint('outside'), {
      timeoutMs: 20_000,
    })
    await settled(['outside', 'inside'])
    for (let n = 0; going !== undefined && n < 3; n++) {
      const host = cluster.machine(going)
      await Promise.all([
        reaching.through(client, host, outside),
        reaching.inside(host, inside),
        reaching.inside(others(host), outside),
        asking.health(host, balanced),
      ])
    }
    await traffic.settled('edge')
    await settled(['outside', 'inside'])
    await everyNode((node) => reaching.inside(node, inside))

    step('send datagrams to deleted endpoints')
    await everyNode((node) => reaching.inside(node, sink, 'udp'))
    await reaching.send(sender, sink)
    await remembered(1)
    await traffic.scale('sink', 0)
    await traffic.settled('sink')
    await settled(['sink'])
    await remembered(0)
    await everyNode((node) => reaching.inside(node, sink, 'udp'))
    await traffic.scale('sink', 1)
    await traffic.settled('sink')
    await settled(['sink'])
    await remembered(1)
    await everyNode((node) => reaching.inside(node, sink, 'udp'))

    step(`kill kube-proxy on ${struck.name} and change a Service`)
    {
      await using killed = await faults.kill({ machine: struck, component: 'kube-proxy' })
      const process = () => struck.call('state', { component: 'kube-proxy' })
      const late = await workloads.serviceOf('late', 'sink', {})
      await traffic.rulesFollow(['late'], [struck])
      await everyNode((node) => reaching.inside(node, late))
      await consistently('kube-proxy stays dead', async () => (await process()).pid === 0, {
        forMs: outageMs,
        intervalMs: 500,
      })
      await killed.heal()
      await settled(['late'])
      await everyNode((node) => reaching.inside(node, late))
      await traffic.sample('web', { rounds: 3 })
    }

    step(`remove kube-proxy's rules on ${struck.name}`)
    {
      await using _ = await faults.flushProxy(struck, { what: 'tables' })
      // In mode nftables kube-proxy detects the loss only when it writes; other modes detect it without a change.
      if (rules.mode === 'nftables') await workloads.serviceOf('afterwards', 'web', {})
      await traffic.sample('web', { rounds: 3 })
    }

    /** Makes every kube-proxy rewrite its rules; those of the other Services keep their meaning. */
    async function churning(until: AbortSignal): Promise<void> {
      while (!until.aborted) {
        const { metadata } = await workloads.serviceOf('passing', 'web', {})
        await settled(['passing'])
        await workloads.removeService(metadata?.name ?? '')
      }
    }

    /** Waits until the sender's kernel tracks `count` flows to the sink. */
    async function remembered(count: number): Promise<void> {
      await until(
        `conntrack to have ${count} flows of the datagrams`,
        async () => (await reaching.flows(sender as NonNullable<typeof sender>, sink as V1Service)).length === count,
        { timeoutMs: 20_000, intervalMs: 250 },
      )
    }
  },
)
