import { readFile, readlink } from 'node:fs/promises'

/**
 * The address that a process has in a network of its own, as the kernel tells it: neither the API nor the runtime is asked.
 * Undefined for one that shares the machine's network, or has none.
 */
export async function podAddress(pid: number): Promise<string | undefined> {
  const [own, machine, trie] = await Promise.all([
    readlink(`/proc/${pid}/ns/net`).catch(() => ''),
    readlink('/proc/self/ns/net'),
    readFile(`/proc/${pid}/net/fib_trie`, 'utf8').catch(() => ''),
  ])
  return own === '' || own === machine ? undefined : localAddress(trie)
}

/** The first address in a kernel's table of routes that is the machine's own and leads outside. */
export function localAddress(trie: string): string | undefined {
  const found = [...trie.matchAll(/\|-- ([\d.]+)\n\s+\/32 host LOCAL/g)].map(([, address = '']) => address)
  return found.find((address) => !address.startsWith('127.'))
}
