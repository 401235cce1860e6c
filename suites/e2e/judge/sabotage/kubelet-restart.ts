import { byHand } from '../never-recovers/by-hand.ts'
import { nothingToRepair, type Sabotage } from './sabotage.ts'

/** The containers of a Ready pod are killed while the kubelet restarts. */
export const restartedContainers: Sabotage = {
  name: 'restarted-containers',
  expected: [{ contract: 'KLET-04', code: 'CONTAINER_RESTARTED' }],
  async use({ cluster, faults, traffic }, sabotage) {
    await traffic.deploy('web', { replicas: 2 })
    const [host] = cluster.workers
    if (!host) throw new Error('the cluster has no worker')
    {
      await using _ = await faults.kill({ machine: host, component: 'kubelet' })
      await sabotage()
    }
    await traffic.rolloutComplete('web')
  },
  breaks: async ({ workers }) => {
    for (const machine of workers) await byHand(machine, 'pkill -KILL -x agnhost')
    return nothingToRepair
  },
}
