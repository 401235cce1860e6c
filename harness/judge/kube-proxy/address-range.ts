import { BlockList } from 'node:net'

const known = new Map<string, BlockList>()

/** Whether an IPv4 address is in a range such as `10.244.0.0/16`; a range without a length is one address. */
export function inRange(address: string, range: string): boolean {
  if (!range.includes('/')) return address === range
  let list = known.get(range)
  if (!list) {
    const [network = '', length = '32'] = range.split('/')
    list = new BlockList()
    list.addSubnet(network, Number(length), 'ipv4')
    known.set(range, list)
  }
  return list.check(address, 'ipv4')
}
