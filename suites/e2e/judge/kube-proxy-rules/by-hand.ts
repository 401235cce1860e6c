import type { ProxyMode } from '../../../../harness/agent/kube-proxy/kernel-rules.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import type { ByHand } from './changes.ts'
import { shell } from './shell.ts'
import { withIptables } from './with-iptables.ts'
import { withNft } from './with-nft.ts'

/*
 * Changes to a machine that no journal records. Disposing the result reverts a change; changes without a result end with their
 * Service.
 */

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
