import { scenario } from '../harness/run/scenario.ts'

/** A node is drained under a budget, with pods that stop slowly; then another node is lost permanently. */
export default scenario(
  'drain-node',
  {
    describe:
      'Drain a node with slow pods under a PodDisruptionBudget, uncordon it; then lose another node permanently',
    topology: 'ha',
    contracts: [
      'CM-01',
      'KLET-07',
      'KLET-06',
      'KLET-09',
      'NET-05',
      'NODE-02',
      'NODE-01',
      'NODE-03',
      'NODE-09',
      'PROXY-01',
      'PROXY-02',
      'SCHED-01',
      'SCHED-05',
      'SCHED-14',
      'WL-08',
      'WL-09',
      'WL-10',
      'SYS-01',
      'SYS-02',
      'CP-01',
    ],
  },
  async ({ cluster, faults, traffic, until, choose, step }) => {
    await traffic.deploy('web', { replicas: 6, slowStopSeconds: 8, graceSeconds: 20 })
    await traffic.workloads.disruptionBudget('web', 5)
    await traffic.probe('web')
    // Record the rules of every Node before one is lost.
    await traffic.rulesFollow(['web'])
    await traffic.rules.record()
    const others = cluster.workers.filter((machine) => machine !== traffic.clientHost)
    const hosts = (await traffic.pods('web')).map(({ spec }) => spec?.nodeName)
    const drained = choose(others.filter(({ name }) => hosts.includes(name)))
    const lost = choose(others.filter((machine) => machine !== drained))

    step(`drain ${drained.name}`)
    {
      await using _ = await faults.drain(drained, { timeoutSeconds: 180 })
      await traffic.rolloutComplete('web')
      await traffic.sample('web', { rounds: 2 })
    }
    step(`${drained.name} accepts pods again; lose ${lost.name} permanently`)
    await faults.loseMachine(lost)
    await until(`${lost.name} to be NotReady`, async () => !(await cluster.nodeReady(lost)), {
      timeoutMs: 180_000,
      intervalMs: 200,
    })
    await until(
      `the endpoints on ${lost.name} to be unready`,
      () => traffic.workloads.noReadyEndpointOn('web', lost.name),
      { timeoutMs: 60_000, intervalMs: 200 },
    )
    // The second taint follows a monitor period after the Node is Unknown.
    await until(`${lost.name} to be tainted for eviction`, () => cluster.isTaintedUnreachable(lost), {
      timeoutMs: 60_000,
      intervalMs: 200,
    })
    step('sample the balance')
    await traffic.sample('web', { rounds: 2 })
  },
)
