import { eventually, holdsFor } from '../harness/eventually.ts'
import { scenario } from '../harness/run/scenario.ts'

/** The leading scheduler dies while there is work, its successor takes over, then that one is stopped as well. */
export default scenario(
  'kill-scheduler',
  {
    describe: 'SIGKILL the leading scheduler, scale up at once; stop the other one too, scale up; bring both back',
    topology: 'ha',
    contracts: ['CM-01', 'NET-05', 'PROXY-01', 'PROXY-02', 'SCHED-02', 'SCHED-14'],
  },
  async ({ cluster, faults, traffic, signal, step }) => {
    await traffic.deploy('web', { replicas: 6 })
    await traffic.probe('web')
    const leader = await cluster.leader('kube-scheduler')

    step(`kill the scheduler on ${leader.machine.name}`)
    await using killed = await faults.kill(leader)
    await traffic.scale('web', 8)
    const successor = await eventually(
      'another scheduler to lead',
      async () => {
        const now = await cluster.leader('kube-scheduler')
        return now.machine !== leader.machine && now
      },
      { withinMs: 120_000, everyMs: 100, signal },
    )
    await traffic.settled('web')
    await traffic.sample('web', { rounds: 2 })

    step(`stop the scheduler on ${successor.machine.name}: none is left`)
    await using stopped = await faults.stop(successor)
    await traffic.scale('web', 10)
    const pending = async (): Promise<number> =>
      (await traffic.pods('web')).filter(({ spec }) => !spec?.nodeName).length
    await eventually('two pods to wait for a scheduler', async () => (await pending()) === 2, {
      withinMs: 30_000,
      signal,
    })
    await holdsFor('two pods staying Pending', async () => (await pending()) === 2, {
      forMs: cluster.leaseDurationMs,
      everyMs: 500,
      signal,
    })

    step('both schedulers come back')
    await Promise.all([killed.heal(), stopped.heal()])
    await traffic.settled('web')
    step('sample the balance')
    await traffic.sample('web', { rounds: 2 })
  },
)
