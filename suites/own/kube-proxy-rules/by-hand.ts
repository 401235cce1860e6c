import type { V1Service } from '@kubernetes/client-node'
import type { ProxyMode } from '../../../harness/cluster/agent/kernel-rules.ts'
import type { Machine } from '../../../harness/cluster/machine.ts'
import { shell } from './shell.ts'
import { withIptables } from './with-iptables.ts'
import { withNft } from './with-nft.ts'

/*
 * What somebody does to a machine by hand, of which no journal knows. What is disposable is undone when disposed; the rest
 * goes with its Service.
 */

/** The same breakages in either mode of kube-proxy, each with the tool that writes its rules. */
export interface ByHand {
  /** What comes from outside to a port is dropped, where nobody looks who looks for rules of Services. */
  dropArriving(machine: Machine, port: number): Promise<AsyncDisposable>
  /** What the machine itself sends to an address is dropped, likewise. */
  dropLeaving(machine: Machine, address: string): Promise<AsyncDisposable>
  /** What a Service should refuse or drop is sent to a pod all the same. */
  sendOn(machine: Machine, service: V1Service, ip: string): Promise<AsyncDisposable>
  /** The one rule that sends a Service's packets anywhere goes. */
  removeRule(machine: Machine, service: V1Service): Promise<void>
  /** A Service's rules bind no client any more. */
  forgetClients(machine: Machine, service: V1Service): Promise<void>
  /** One endpoint of a Service that has several gets more than its share. */
  favourOne(machine: Machine, service: V1Service): Promise<void>
}

export const byHand: Readonly<Record<ProxyMode, ByHand>> = { iptables: withIptables, nftables: withNft }

/** Its kube-proxy does nothing and says nothing until disposed. */
export async function frozen(machine: Machine): Promise<AsyncDisposable> {
  await shell(machine, 'kill -STOP $(pidof kube-proxy)')
  return { [Symbol.asyncDispose]: async () => void (await shell(machine, 'kill -CONT $(pidof kube-proxy)')) }
}

/** One pod is given another one's address, in the kernel alone. */
export async function shareAddress(machine: Machine, namespace: string): Promise<void> {
  const { containers } = await machine.call('containers', {})
  const [one, other] = containers.filter((each) => each.namespace === namespace && each.address !== undefined)
  if (!one || !other) throw new Error('two pods are needed')
  const change = `ip addr flush dev eth0; ip addr add ${one.address}/24 dev eth0`
  await shell(machine, `nsenter -t ${other.pid} -n sh -c '${change}'`)
}
