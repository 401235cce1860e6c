import type { V1EndpointSlice, V1ServiceSpec } from '@kubernetes/client-node'
import { HoldfastError } from '../../common/errors.ts'

export type Protocol = 'tcp' | 'udp'

/** A port of a Service that traffic uses: the first of each protocol, in the Service's order. */
export interface UsedPort {
  readonly protocol: Protocol
  readonly port: number
  readonly nodePort?: number
  /** Where the pod at `podIp` listens. */
  readonly podPort?: number
}

/** A pod behind a Service, as its slices list it. */
export interface PodEndpoint {
  readonly podIp?: string
  readonly ports: readonly UsedPort[]
}

/**
 * The ports of a Service that traffic uses, and one pod behind them: a ready one if there is any. A target port may have a name,
 * with another number in each pod: the numbers come from the slices.
 * @throws HoldfastError HF_NO_PORT for a Service that has neither a TCP port nor a UDP port
 */
export function usedPorts(
  name: string,
  { ports = [] }: V1ServiceSpec,
  slices: readonly V1EndpointSlice[],
): PodEndpoint {
  const chosen = (['TCP', 'UDP'] as const).flatMap((protocol) => {
    const found = ports.find((one) => (one.protocol ?? 'TCP') === protocol)
    return found ? [{ name: found.name, port: found.port, nodePort: found.nodePort, protocol }] : []
  })
  if (chosen.length === 0) {
    throw new HoldfastError('HF_NO_PORT', `The Service ${name} has no TCP port and no UDP port.`, {
      hint: 'Add a TCP or UDP port to the Service: traffic uses only these protocols.',
      exitCode: 64,
    })
  }
  const { slice, podIp } = onePod(slices)
  const own = chosen.map(({ name: portName = '', protocol, port, nodePort }): UsedPort => {
    const target = slice?.ports?.find((one) => (one.name ?? '') === portName && (one.protocol ?? 'TCP') === protocol)
    return {
      protocol: protocol === 'UDP' ? 'udp' : 'tcp',
      port,
      ...(nodePort ? { nodePort } : {}),
      ...(target?.port ? { podPort: target.port } : {}),
    }
  })
  return { ...(podIp === undefined ? {} : { podIp }), ports: own }
}

/** The Service's own port of a protocol. @throws HoldfastError HF_NO_PORT */
export function portOf(
  name: string,
  ports: V1ServiceSpec['ports'],
  protocol: Protocol,
): { port: number; nodePort: number } {
  const found = ports?.find((one) => (one.protocol ?? 'TCP').toLowerCase() === protocol)
  if (found) return { port: found.port, nodePort: found.nodePort ?? 0 }
  throw new HoldfastError('HF_NO_PORT', `The Service ${name} has no ${protocol.toUpperCase()} port.`, {
    hint: 'Choose a protocol for which the Service has a port.',
    exitCode: 64,
  })
}

function onePod(slices: readonly V1EndpointSlice[]): { slice?: V1EndpointSlice; podIp?: string } {
  const all = slices.flatMap((slice) => (slice.endpoints ?? []).map((endpoint) => ({ slice, endpoint })))
  const found = all.find(({ endpoint }) => endpoint.conditions?.ready) ?? all[0]
  const podIp = found?.endpoint.addresses[0]
  return found && podIp !== undefined ? { slice: found.slice, podIp } : {}
}
