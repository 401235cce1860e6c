import type { V1Service } from '@kubernetes/client-node'
import { agnhostPorts, servicePorts } from '../../../../harness/cluster/agnhost.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { nameOf } from '../../../../harness/traffic/services/packet-sender.ts'
import type { ByHand } from './changes.ts'
import { shell } from './shell.ts'

/** Changes for a kube-proxy in mode iptables. */
export const withIptables: ByHand = {
  dropArriving: (machine, port) => inserted(machine, 'raw', `PREROUTING -p tcp --dport ${port} -j DROP`),
  dropLeaving: (machine, address) => inserted(machine, 'raw', `OUTPUT -d ${address} -j DROP`),
  sendOn: (machine, { spec }, ip) => {
    const match = `-d ${spec?.clusterIP} -p tcp --dport ${servicePorts.tcp}`
    return inserted(machine, 'nat', `OUTPUT ${match} -j DNAT --to-destination ${ip}:${agnhostPorts.tcp}`)
  },
  removeRule: async (machine, service) => {
    const [rule] = await dispatching(machine, service)
    // The rule's comment is quoted, so a shell must parse it.
    await shell(machine, `iptables -w 5 -t nat -D ${rule}`)
  },
  forgetClients: async (machine, service) => {
    const own = `/${service.metadata?.name}.*--rcheck`
    await shell(machine, `iptables-save -t nat | grep -v '${own}' | iptables-restore -w 5 -T nat`)
  },
  favourOne: async (machine, service) => {
    const [, chain] = await dispatching(machine, service)
    const own = (await savedNat(machine)).filter((line) => line.startsWith(`-A ${chain} `))
    const place = own.findIndex((line) => line.includes('--probability'))
    const [, target] = / -j (\S+)$/.exec(own[place] ?? '') ?? []
    const often = `-m statistic --mode random --probability 0.9 -j ${target}`
    await shell(machine, `iptables -w 5 -t nat -R ${chain} ${place + 1} ${often}`)
  },
}

/** Inserts a rule at the head of its chain until disposed. */
async function inserted(machine: Machine, table: string, rule: string): Promise<AsyncDisposable> {
  await shell(machine, `iptables -w 5 -t ${table} -I ${rule}`)
  return {
    [Symbol.asyncDispose]: async () => void (await shell(machine, `iptables -w 5 -t ${table} -D ${rule}`)),
  }
}

/** Finds the rule in KUBE-SERVICES for the Service's TCP port, and the chain it jumps to. */
async function dispatching(machine: Machine, service: V1Service): Promise<[rule: string, chain: string]> {
  const comment = `"${nameOf(service)}:tcp cluster IP"`
  const line = (await savedNat(machine)).find((one) => one.startsWith('-A KUBE-SERVICES ') && one.includes(comment))
  const [, rule, chain] = /^-A (.* -j (\S+))$/.exec(line ?? '') ?? []
  if (rule === undefined || chain === undefined) throw new Error(`KUBE-SERVICES has no rule for ${nameOf(service)}`)
  return [rule, chain]
}

async function savedNat(machine: Machine): Promise<string[]> {
  return (await shell(machine, 'iptables-save -t nat')).split('\n')
}
