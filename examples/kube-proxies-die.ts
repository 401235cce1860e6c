import { kill } from '../harness/faults/process.ts'
import { staggered } from '../harness/faults/composition.ts'
import { scenario } from '../harness/run/scenario.ts'

/*
 * A scenario of your own is a file like this one: `npm start -- examples/kube-proxies-die.ts`. It says what is done and which
 * contracts (`npm run holdfast -- list`) its recording can decide; proofs, healing, probes, judges and reports come by themselves.
 */
export default scenario(
  'kube-proxies-die',
  {
    describe: 'SIGKILL the kube-proxy of every Node, one after the other; bring them back, scale up',
    topology: 'single',
    contracts: ['PROXY-01', 'PROXY-02', 'NET-05', 'SCHED-01'],
  },
  async ({ cluster, faults, traffic, step }) => {
    await traffic.deploy('web', { replicas: 4 })
    await traffic.probe('web')

    step('no kube-proxy is left')
    {
      await using _ = await faults.carryOut(
        staggered(500, ...cluster.nodes.map((machine) => kill({ machine, component: 'kube-proxy' }))),
      )
      await traffic.sample('web', { rounds: 2 })
    }

    step('they are back, and hear of two more pods')
    await traffic.scale('web', 6)
    await traffic.settled('web')
    await traffic.sample('web', { rounds: 2 })
  },
)
