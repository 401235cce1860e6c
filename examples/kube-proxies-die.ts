import { staggered } from '../harness/faults/engine/composition.ts'
import { scenario } from '../harness/run/scenario.ts'

/*
 * A scenario of your own is a file like this one: `npm start -- examples/kube-proxies-die.ts`. It schedules faults and traffic, and lists
 * the contracts that its recording must decide (`npm run holdfast -- list`). Evidence, healing, observers and reports need no code here.
 */
export default scenario(
  'kube-proxies-die',
  {
    describe: 'SIGKILL the kube-proxy of every Node, one after the other; restart them, scale up',
    topology: 'single',
    contracts: ['PROXY-01', 'PROXY-02', 'NET-05', 'SCHED-01'],
  },
  async ({ cluster, faults, traffic, step }) => {
    await traffic.deploy('web', { replicas: 4 })
    await traffic.probe('web')

    step('kill every kube-proxy')
    {
      await using _ = await faults.carryOut(
        staggered(500, ...cluster.nodes.map((machine) => faults.create.kill({ machine, component: 'kube-proxy' }))),
      )
      await traffic.sample('web', { rounds: 2 })
    }

    step('every kube-proxy runs again: add two pods')
    await traffic.scale('web', 6)
    await traffic.rolloutComplete('web')
    await traffic.sample('web', { rounds: 2 })
  },
)
