import { check, type Check } from './check.ts'

/** The range of cluster networks: /24s of 10.213.0.0/16. */
const range = { address: 0x0a_d5_00_00, bits: 16 }
const each = 24
/** Cluster and peer network. */
const wanted = 2

/** A route of the host: destination and mask as numbers, and the interface. */
interface Route {
  readonly name: string
  readonly address: number
  readonly bits: number
}

/** Reads /proc/net/route (hexadecimal, little-endian). */
export function parseRoutes(table: string): Route[] {
  return table
    .split('\n')
    .slice(1)
    .flatMap((line) => {
      const [name, destination, , , , , , mask] = line.trim().split(/\s+/)
      if (!name || !destination || !mask) return []
      return [{ name, address: swapped(destination), bits: ones(swapped(mask)) }]
    })
}

/** Checks for free subnets, given the host's routes and Docker's subnets (CIDRs). */
export function subnetCheck(routes: readonly Route[], dockerSubnets: readonly string[]): Check {
  const taken = new Set(
    dockerSubnets
      .map(parseCidr)
      .filter(inRange)
      .map(({ address }) => address >>> (32 - each)),
  )
  const free = 2 ** (each - range.bits) - taken.size
  const covering = routes.find(
    ({ bits, address }) => bits > 0 && bits <= range.bits && sameNetwork(address, range.address, bits),
  )
  return check('subnets', free < wanted ? false : covering ? 'warn' : true, {
    found: covering ? `10.213.0.0/16 is routed to ${covering.name}` : `${free} free /24 in 10.213.0.0/16`,
    needed: `${wanted} free /24 in 10.213.0.0/16, for the cluster and the etcd peer network`,
    fix:
      covering && free >= wanted
        ? 'If a run must reach machines in that network (a VPN?), disconnect from it first.'
        : 'Remove unused networks: holdfast clean, docker network prune',
  })
}

const swapped = (hex: string) => Number.parseInt(hex.match(/../g)?.reverse().join('') ?? '0', 16)
const ones = (mask: number) => mask.toString(2).replaceAll('0', '').length
const sameNetwork = (a: number, b: number, bits: number) => a >>> (32 - bits) === b >>> (32 - bits)
const inRange = ({ address, bits }: { address: number; bits: number }) =>
  bits >= range.bits && sameNetwork(address, range.address, range.bits)

function parseCidr(cidr: string): { address: number; bits: number } {
  const [ip = '', bits = '0'] = cidr.split('/')
  const octets = ip.split('.').map(Number)
  return { address: octets.length === 4 ? octets.reduce((sum, octet) => sum * 256 + octet, 0) : 0, bits: Number(bits) }
}
