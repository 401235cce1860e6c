import { engine } from '../../../../harness/cluster/machine/engine.ts'
import { runLabel } from '../../../../harness/cluster/machine/labels.ts'
import { scenario } from '../../../../harness/run/scenario.ts'

/** The container that this scenario leaves on its cluster's network; the test removes it. */
export const visitor = 'not-removable-visitor'

/** A foreign container joins the cluster's network, so that Docker refuses to remove the network; then the scenario throws. */
export default scenario(
  'not-removable',
  { describe: 'Keep the network of the cluster from being removed', topology: 'single' },
  async ({ cluster, faults, traffic }) => {
    await traffic.deploy('shop', { replicas: 1 })
    const docker = await engine()
    const [machine] = cluster.machines
    const [network] = await docker.listNetworks({ filters: { label: [`${runLabel}=${cluster.run}`] } })
    const { Image } = await docker.getContainer(`holdfast-${cluster.run}-${machine?.name}`).inspect()
    const container = await docker.createContainer({
      name: visitor,
      Image,
      Entrypoint: ['sleep', 'infinity'],
      HostConfig: { NetworkMode: network?.Name ?? '' },
    })
    await container.start()
    {
      await using _ = await faults.deletePods({
        namespace: traffic.workloads.namespace,
        selector: 'app=shop',
        count: 1,
      })
    }
    throw new Error('the cluster must be discarded')
  },
)
