import { readFile, readlink } from 'node:fs/promises'
import { unlessAbsent } from '../ttl/absence.ts'

/**
 * Returns the address of a process in its own network namespace, read from the kernel, without the API or the runtime.
 * Undefined for a process that shares the machine's network, or has none.
 */
export async function podAddress(pid: number): Promise<string | undefined> {
  const [own, machine, trie] = await Promise.all([
    unlessAbsent(readlink(`/proc/${pid}/ns/net`)),
    readlink('/proc/self/ns/net'),
    unlessAbsent(readFile(`/proc/${pid}/net/fib_trie`, 'utf8')),
  ])
  // A zombie has no namespaces.
  return own === undefined || own === machine || trie === undefined ? undefined : localAddress(trie)
}

/** Returns the first of the host's own addresses in a kernel's routing table that is not a loopback. */
export function localAddress(trie: string): string | undefined {
  const found = [...trie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address)
  return found.find((address) => !address.startsWith('127.'))
}
