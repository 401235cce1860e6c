import { runKubectl } from '../harness/faults/kube-api/kubectl.ts'
import { scenario } from '../harness/run/scenario.ts'

/** The example of the Kubernetes architecture, without faults: a Deployment is scheduled, run and exposed. */
export default scenario(
  'worked-example',
  {
    describe: 'Create, schedule, run and expose a Deployment of two replicas, without faults',
    topology: 'ha',
    testsFrom: 'start',
    contracts: [
      'FLOW-01',
      'FLOW-02',
      'FLOW-03',
      'FLOW-04',
      'FLOW-05',
      'KLET-01',
      'KLET-09',
      'PROXY-01',
      'PROXY-02',
      'SCHED-01',
      'SCHED-03',
      'SCHED-05',
      'SCHED-14',
      'API-15',
      'SYS-01',
      'SYS-02',
      'CP-01',
    ],
  },
  async ({ cluster, traffic, step, record }) => {
    await traffic.probeApiServers()
    step('create the Deployment')
    await traffic.deploy('hello', { replicas: 2 })
    step('list the pods and sample the Service')
    record(await runKubectl(cluster, ['get', 'pods', '--all-namespaces', '-o', 'wide']))
    await traffic.sample('hello', { rounds: 1 })
  },
)
