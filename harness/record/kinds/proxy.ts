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
 * One packet from a machine, or from `outside` of the cluster, to an address, and what came back: an answer, a refusal, nothing, or
 * something else (`broken`). `through` is the machine whose NodePort `to` is, or '' for an address that is a Service's own;
 * `client` is the address that the one who answered saw. `source` is the sender's own where that is no machine of the cluster.
 */
export const reach = z.object({
  kind: z.literal('reach'),
  at,
  endedAt: z.number(),
  from: z.string(),
  source: z.string().optional(),
  to: z.string(),
  through: z.string(),
  service: z.string(),
  protocol: z.enum(['tcp', 'udp']),
  outcome: z.enum(['answered', 'refused', 'silent', 'broken']),
  backend: z.string().optional(),
  client: z.string().optional(),
  error: z.string().optional(),
})

/** The UDP flows from one source port to a Service's own address that a machine's connection tracking remembers, and who is to answer each: addresses as `ip:port`. */
export const flows = z.object({
  kind: z.literal('flows'),
  at,
  machine: z.string(),
  service: z.string(),
  sourcePort: z.number().int(),
  flows: z.array(z.object({ to: z.string(), answeredBy: z.string() })),
})

/**
 * What a machine's kube-proxy answers on a Service's HealthCheckNodePort, to load balancers that ask whether to send there:
 * 200 where it has an endpoint of its own, 503 where not; 0 is no answer.
 */
export const health = z.object({
  kind: z.literal('health'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  service: z.string(),
  port: z.number().int(),
  status: z.number().int(),
  body: z.string(),
})

/** What the cluster's DNS says of a Service's name, asked from a machine. No address is an answer too; `answered` is false where there was none. */
export const name = z.object({
  kind: z.literal('name'),
  at,
  endedAt: z.number(),
  machine: z.string(),
  service: z.string(),
  name: z.string(),
  answered: z.boolean(),
  addresses: z.array(z.string()),
  error: z.string().optional(),
})
