import { scenario } from '../harness/run/scenario.ts'

/** The leading scheduler is killed while pods are pending, a standby takes over, then that one is stopped too. */
export default scenario(
  'kill-scheduler',
  {
    describe: 'Kill the leading scheduler and scale up; stop the other scheduler and scale up; start both again',
    topology: 'ha',
    contracts: [
      'CM-01',
      'NET-05',
      'PROXY-01',
      'PROXY-02',
      'SCHED-02',
      'SCHED-05',
      'SCHED-14',
      'SYS-01',
      'SYS-02',
      'CP-01',
    ],
  },
  async ({ cluster, faults, traffic, until, consistently, step }) => {
    await traffic.deploy('web', { replicas: 6 })
    await traffic.probe('web')
    const leader = await cluster.leader('kube-scheduler')

    step(`kill the scheduler on ${leader.machine.name}`)
    await using killed = await faults.kill(leader)
    await traffic.scale('web', 8)
    const successor = await until(
      'another scheduler to lead',
      async () => {
        const now = await cluster.leader('kube-scheduler')
        return now.machine !== leader.machine && now
      },
      { timeoutMs: 120_000, intervalMs: 100 },
    )
    await traffic.rolloutComplete('web')
    await traffic.sample('web', { rounds: 2 })

    // If no standby took over, stop the other scheduler anyway: then none is left.
    const [other] = cluster.all('kube-scheduler').filter(({ machine }) => machine !== leader.machine)
    const remaining = successor ?? other
    if (!remaining) throw new Error('the scenario needs two schedulers')
    step(`stop the scheduler on ${remaining.machine.name}: none is left`)
    await using stopped = await faults.stop(remaining)
    await traffic.scale('web', 10)
    const pending = async (): Promise<number> =>
      (await traffic.pods('web')).filter(({ spec }) => !spec?.nodeName).length
    await until('pods to wait for a scheduler', async () => (await pending()) >= 2, { timeoutMs: 30_000 })
    await consistently('pods stay Pending', async () => (await pending()) >= 2, {
      forMs: cluster.leaseDurationMs,
      intervalMs: 500,
    })

    step('start both schedulers again')
    await Promise.all([killed.heal(), stopped.heal()])
    await traffic.rolloutComplete('web')
    step('sample the balance')
    await traffic.sample('web', { rounds: 2 })
  },
)
