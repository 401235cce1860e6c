import { readFile, readlink } from 'node:fs/promises'
import { unlessAbsent } from './absence.ts'

/**
 * The address that a process has in a network of its own, as the kernel tells it: neither the API nor the runtime is asked.
 * Undefined for one that shares the machine's network, or has none.
 */
export async function podAddress(pid: number): Promise<string | undefined> {
  const [own, machine, trie] = await Promise.all([
    unlessAbsent(readlink(`/proc/${pid}/ns/net`)),
    readlink('/proc/self/ns/net'),
    unlessAbsent(readFile(`/proc/${pid}/net/fib_trie`, 'utf8')),
  ])
  // A zombie's namespaces are no more.
  return own === undefined || own === machine || trie === undefined ? undefined : localAddress(trie)
}

/** The first address in a kernel's table of routes that is the machine's own and leads outside. */
export function localAddress(trie: string): string | undefined {
  const found = [...trie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address)
  return found.find((address) => !address.startsWith('127.'))
}
