import { iptablesRules } from './iptables-walk.ts'
import { parseIptablesSave } from './iptables-save.ts'
import { parseNftTable } from './nft-json.ts'
import { nftRules } from './nft-walk.ts'
import type { ProxyMachine } from '../service-port.ts'
import type { RuleSet } from './walk.ts'

/**
 * Parses a machine's rules from `iptables-save` of the tables nat and filter, or from `nft -j list table ip
 * kube-proxy`.
 * @throws HoldfastError HF_UNREADABLE_RULE
 */
export function readRules(mode: RuleSet['mode'], text: string, machine: ProxyMachine): RuleSet {
  return mode === 'iptables' ? iptablesRules(parseIptablesSave(text), machine) : nftRules(parseNftTable(text), machine)
}
