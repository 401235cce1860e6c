import type { V1Service } from '@kubernetes/client-node'
import type { ProxyMode } from '../../../../harness/agent/kube-proxy/kernel-rules.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { shell } from './shell.ts'
import { withIptables } from './with-iptables.ts'
import { withNft } from './with-nft.ts'

/*
 * Changes to a machine that no journal records. Disposing the result reverts a change; changes without a result end with their
 * Service.
 */

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

export const byHand: Readonly<Record<ProxyMode, ByHand>> = { iptables: withIptables, nftables: withNft }

/** Freezes the machine's kube-proxy until disposed. */
export async function frozen(machine: Machine): Promise<AsyncDisposable> {
  await shell(machine, 'kill -STOP $(pidof kube-proxy)')
  return { [Symbol.asyncDispose]: async () => void (await shell(machine, 'kill -CONT $(pidof kube-proxy)')) }
}

/** Gives a pod the address of another one, only in the kernel. */
export async function shareAddress(machine: Machine, namespace: string): Promise<void> {
  const { containers } = await machine.call('containers', {})
  const [one, other] = containers.filter((each) => each.namespace === namespace && each.address !== undefined)
  if (!one || !other) throw new Error('the machine has fewer than two pods')
  const change = `ip addr flush dev eth0; ip addr add ${one.address}/24 dev eth0`
  await shell(machine, `nsenter -t ${other.pid} -n sh -c '${change}'`)
}
