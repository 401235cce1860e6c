import { scenario } from '../../../../harness/run/scenario.ts'
import { byHand } from './by-hand.ts'

const run = '/opt/holdfast/sv/kube-controller-manager'

/** The node lifecycle controller is disabled without a declared fault: a lost Node stays Ready. */
export default scenario(
  'node-lifecycle',
  { describe: 'Lose a machine without the node lifecycle controller', topology: 'ha' },
  async ({ cluster, faults, traffic, until }) => {
    await traffic.deploy('shop', { replicas: 3 })
    for (const machine of cluster.controlPlane) {
      await byHand(
        machine,
        `sed -i "s/exec kube-controller-manager/& '--controllers=*,-node-lifecycle-controller'/" ${run}/run; sv -w 20 restart ${run}`,
      )
    }
    await until('a controller manager to lead again', () => cluster.electionsHeld(), { timeoutMs: 60_000 })
    const [lost] = cluster.workers.filter((machine) => machine !== traffic.clientHost)
    if (!lost) throw new Error('the scenario needs a second worker')
    await faults.loseMachine(lost)
    await until(`${lost.name} to be NotReady`, async () => !(await cluster.nodeReady(lost)), { timeoutMs: 60_000 })
  },
)
