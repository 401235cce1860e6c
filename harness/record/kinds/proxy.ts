import { z } from 'zod'
import { at } from './at.ts'

/**
 * A Node's Service rules, read from its kernel: for mode `iptables`, kube-proxy's lines of iptables-save (nat and filter); for
 * `nftables`, the JSON of its table. `text` is absent if it equals that of the machine's previous record. Equal `hash` means equal
 * text.
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
 * One packet from a machine, or from `outside` of the cluster, to an address, and the result: an answer, a refusal, no answer
 * (`silent`), or an invalid answer (`broken`). `through` is the machine of a NodePort, or '' for a Service's own address. `client` is
 * the source address that the backend received. `source` is the sender's address if the sender is outside of it. With `pod`, the
 * packet goes to the own address of the pod `<namespace>/<name>`, `service` is '', and `from` may be `pod:<namespace>/<name>`. `bytes`
 * is the size of a datagram with its headers, which the pod sends back.
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
  pod: z.string().optional(),
  bytes: z.number().int().optional(),
})

/** Connection tracking entries of a machine for UDP flows from one source port to a Service's own address, each with its backend: addresses as `ip:port`. */
export const flows = z.object({
  kind: z.literal('flows'),
  at,
  machine: z.string(),
  service: z.string(),
  sourcePort: z.number().int(),
  flows: z.array(z.object({ to: z.string(), answeredBy: z.string() })),
})

/**
 * Answer of a machine's kube-proxy on a Service's HealthCheckNodePort, which load balancers query: 200 with a local endpoint, 503
 * without; 0 means no answer.
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

/** Answer of the cluster's DNS to a query for a Service's name from a machine. An answer may have no address; `answered` is false without an answer. */
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
