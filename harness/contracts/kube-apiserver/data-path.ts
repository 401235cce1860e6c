import { type FaultWindow, overlaps, possibleFaults } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { nodeMachines } from '../../judge/recording/cluster-facts.ts'
import type { Outage } from '../etcd/outage.ts'

/** Components whose loss may stop a Node's containers or its Services. */
const onNodes = ['containerd', 'kubelet', 'kube-proxy']

/** Whether no fault can have hit Nodes, pods or the network between them during an outage. */
export function isDataPathWhole(recording: Recording, outage: Outage): boolean {
  const nodes = nodeMachines(recording)
  return possibleFaults(recording).every((window) => !overlaps(window, outage) || !hitsDataPath(window, nodes))
}

function hitsDataPath({ target }: FaultWindow, nodes: readonly string[]): boolean {
  const { machines, component, pod, pods, cut, network = 'peers' } = target
  if (pod || pods) return true
  if (cut) return network !== 'peers'
  return component === undefined ? machines.some((machine) => nodes.includes(machine)) : onNodes.includes(component)
}
