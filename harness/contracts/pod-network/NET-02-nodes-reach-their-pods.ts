import { defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { areAvailable } from '../availability/available.ts'
import { longestGap } from '../availability/availability-bounds.ts'
import { podPackets } from './pod-packets.ts'
import { type Lane, lanesOf } from './reachability.ts'

const found = findings({
  PODS_REACHED: ({ nodes, pods, packets }: Record<'nodes' | 'pods' | 'packets', number>) =>
    `${counted(nodes, 'Node')} reached ${counted(pods, 'pod')} of their own with ${counted(packets, 'packet')}.`,
})

/** Packets of machines to the Ready pods that they run, while no fault hits the machine. */
export const nodesReachTheirPods = defineContract<Lane>({
  id: 'NET-02',
  area: 'pod-network',
  promise: 'Processes of a Node, such as the kubelet, reach every pod on that Node.',
  reference: 'https://kubernetes.io/docs/concepts/services-networking/',
  stimulus: {
    needs: 'packets from a Node to the addresses of its own Ready pods outside of every fault',
    find: (recording) =>
      lanesOf(
        recording,
        podPackets(recording).filter(({ sender, from, to }) => sender === undefined && from === to),
      ),
  },
  judge(recording, lanes) {
    const finding = areAvailable(recording, lanes)
    if (finding.status !== 'pass') return finding
    const values = {
      nodes: new Set(lanes.map(({ first }) => first.from)).size,
      pods: new Set(lanes.map(({ first }) => first.target)).size,
      packets: lanes.reduce((all, { shown }) => all + shown.tries, 0),
    }
    const measured = Math.max(...lanes.map(({ shown }) => shown.longestMs))
    return found.pass('PODS_REACHED', values, { observed: `${values.packets} packets`, measured, bound: longestGap })
  },
})
