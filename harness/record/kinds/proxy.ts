import { z } from 'zod'
import { at } from './at.ts'

/**
 * A Node's rules for Services, read out of its kernel: for mode `iptables` the lines of iptables-save (nat and filter) that
 * have to do with kube-proxy, for `nftables` the JSON of its table. `text` is there only where it is not that of the record of
 * the same machine before; the same `hash` means the same text.
 */
export const rules = z.object({
  kind: z.literal('rules'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  mode: z.enum(['iptables', 'nftables']),
  hash: z.string(),
  text: z.string().optional(),
})

/**
 * One packet from a machine to an address, and what came back: an answer, a refusal, nothing, or something else (`broken`).
 * `through` is the machine whose NodePort `to` is, or '' for an address that is a Service's own; `client` is the address that
 * the one who answered saw.
 */
export const reach = z.object({
  kind: z.literal('reach'),
  at,
  endedAt: z.number(),
  from: z.string(),
  to: z.string(),
  through: z.string(),
  service: z.string(),
  protocol: z.enum(['tcp', 'udp']),
  outcome: z.enum(['answered', 'refused', 'silent', 'broken']),
  backend: z.string().optional(),
  client: z.string().optional(),
  error: z.string().optional(),
})

/** The UDP flows from one source port that a machine's connection tracking remembers, and who is to answer each: addresses as `ip:port`. */
export const flows = z.object({
  kind: z.literal('flows'),
  at,
  machine: z.string(),
  service: z.string(),
  sourcePort: z.number().int(),
  flows: z.array(z.object({ to: z.string(), answeredBy: z.string() })),
})
