import type { V1Service } from '@kubernetes/client-node'
import { agnhostPorts, servicePorts } from '../../../harness/cluster/agnhost.ts'
import type { Machine } from '../../../harness/cluster/machine.ts'

/* What somebody does to a machine by hand, of which no journal knows. */

/** Its kube-proxy does nothing and says nothing until disposed. */
export async function frozen(machine: Machine): Promise<AsyncDisposable> {
  await shell(machine, 'kill -STOP $(pidof kube-proxy)')
  return { [Symbol.asyncDispose]: () => shell(machine, 'kill -CONT $(pidof kube-proxy)') }
}

/** Some packets are dropped until disposed, where nobody looks who looks for rules of Services. */
export async function dropped(machine: Machine, packets: string): Promise<AsyncDisposable> {
  await shell(machine, `iptables -w 5 -t raw -I ${packets} -j DROP`)
  return { [Symbol.asyncDispose]: () => shell(machine, `iptables -w 5 -t raw -D ${packets} -j DROP`) }
}

/** What a Service should refuse or drop is sent to a pod all the same. */
export async function sendOn(machine: Machine, service: V1Service, ip: string): Promise<void> {
  const match = `-d ${service.spec?.clusterIP} -p tcp --dport ${servicePorts.tcp}`
  await shell(machine, `iptables -w 5 -t nat -I OUTPUT ${match} -j DNAT --to-destination ${ip}:${agnhostPorts.tcp}`)
}

/** The first rule of a chain goes. Of KUBE-POSTROUTING it may not be: without that one a kube-proxy that starts hears nothing. */
export function removeRule(machine: Machine, chain: string): Promise<void> {
  return shell(machine, `iptables -w 5 -t nat -D ${chain} 1`)
}

/** A Service's rules bind no client any more. */
export function forgetClients(machine: Machine, service: string): Promise<void> {
  return shell(machine, `iptables-save -t nat | grep -v '/${service}.*--rcheck' | iptables-restore -w 5 -T nat`)
}

/** One pod is given another one's address, in the kernel alone. */
export async function shareAddress(machine: Machine, namespace: string): Promise<void> {
  const { containers } = await machine.call('containers', {})
  const [one, other] = containers.filter((each) => each.namespace === namespace && each.address !== undefined)
  if (!one || !other) throw new Error('two pods are needed')
  const change = `ip addr flush dev eth0; ip addr add ${one.address}/24 dev eth0`
  await shell(machine, `nsenter -t ${other.pid} -n sh -c '${change}'`)
}

async function shell(machine: Machine, command: string): Promise<void> {
  const { exitCode, stderr } = await machine.call('exec', { argv: ['sh', '-c', command], timeoutMs: 10_000 })
  if (exitCode !== 0) throw new Error(`${command}: ${stderr}`)
}
