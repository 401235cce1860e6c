import type { KubernetesObject } from '@kubernetes/client-node'
import type { Cluster } from '../../../../harness/cluster/cluster.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { reconcile } from '../../../../harness/contracts/bounds.ts'
import type { ScenarioContext } from '../../../../harness/run/scenario.ts'
import { byHand } from '../never-recovers/by-hand.ts'
import { type Sabotage, nothingToRepair } from './sabotage.ts'

const component = 'kube-controller-manager'
const run = `/opt/holdfast/sv/${component}`

/** Every controller manager is frozen: slices list terminated pods. */
export const frozenManagers: Sabotage = {
  name: 'frozen-managers',
  // The managers thaw at the end and may have time to correct the slices.
  expected: [{ contract: 'CM-07', code: ['ENDPOINT_STALE', 'ENDPOINT_REMOVED_LATE'] }],
  use: removePods,
  breaks: (cluster) =>
    onEach(
      cluster,
      (machine) => byHand(machine, `kill -STOP $(pidof ${component})`),
      `kill -CONT $(pidof ${component})`,
    ),
}

/** The EndpointSlice controller is disabled: no slice lists new pods. */
export const noSliceController: Sabotage = {
  name: 'no-slice-controller',
  expected: [
    { contract: 'CM-07', code: ['ENDPOINT_MISSING', 'ENDPOINT_STALE', 'ENDPOINT_LATE', 'ENDPOINT_REMOVED_LATE'] },
  ],
  use: removePods,
  breaks: (cluster) => {
    const off = '--controllers=*,-endpointslice-controller'
    return onEach(
      cluster,
      (machine) =>
        byHand(
          machine,
          `cp ${run}/run ${run}/whole; sed -i "s/exec ${component}/& '${off}'/" ${run}/run; sv -w 20 restart ${run}`,
        ),
      `mv ${run}/whole ${run}/run; sv -w 20 restart ${run}`,
    )
  },
}

/** A slice loses its controller's label: the controller writes a new slice, and the old one stays unchanged. */
export const strayedSlice: Sabotage = {
  name: 'strayed-slice',
  expected: [{ contract: 'CM-07', code: 'ENDPOINT_STALE' }],
  use: removePods,
  async breaks({ kubernetes }, namespace) {
    const slices = await kubernetes.list('discovery.k8s.io/v1', 'EndpointSlice', namespace)
    const labels = { 'endpointslice.kubernetes.io/managed-by': null }
    for (const { metadata } of slices) {
      const identity = { name: metadata?.name ?? '', namespace, labels }
      const about = { apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', metadata: identity }
      await kubernetes.merge(about as unknown as KubernetesObject)
    }
    return nothingToRepair
  },
}

async function removePods({ traffic, consistently }: ScenarioContext, sabotage: () => Promise<void>): Promise<void> {
  await traffic.deploy('web', { replicas: 2 })
  await sabotage()
  for (const { metadata } of await traffic.pods('web')) await traffic.workloads.removePod(metadata?.name ?? '')
  await consistently('the pods are removed', () => true, { forMs: 4 * reconcile.limit, intervalMs: 1_000 })
}

async function onEach(
  cluster: Cluster,
  act: (machine: Machine) => Promise<void>,
  undo: string,
): Promise<AsyncDisposable> {
  for (const machine of cluster.controlPlane) await act(machine)
  return {
    async [Symbol.asyncDispose]() {
      for (const machine of cluster.controlPlane) await byHand(machine, undo)
    },
  }
}
