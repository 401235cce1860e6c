import type { V1Service } from '@kubernetes/client-node'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'

/** The same changes in either mode of kube-proxy, made with nft or iptables. */
export interface ByHand {
  /** Drops packets that arrive at a port, outside of the Service rules. */
  dropArriving(machine: Machine, port: number): Promise<AsyncDisposable>
  /** Drops packets that the machine sends to an address, outside of the Service rules. */
  dropLeaving(machine: Machine, address: string): Promise<AsyncDisposable>
  /** Sends packets to a pod that the Service should refuse or drop. */
  sendOn(machine: Machine, service: V1Service, ip: string): Promise<AsyncDisposable>
  /** Removes the only rule that dispatches a Service's packets. */
  removeRule(machine: Machine, service: V1Service): Promise<void>
  /** Removes session affinity from a Service's rules. */
  forgetClients(machine: Machine, service: V1Service): Promise<void>
  /** Raises the probability of one of a Service's endpoints. */
  favourOne(machine: Machine, service: V1Service): Promise<void>
}
