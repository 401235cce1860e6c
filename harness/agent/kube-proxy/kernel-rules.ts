import { createHash } from 'node:crypto'
import { now } from '../../record/clock.ts'
import { command } from '../processes/command.ts'
import { iptablesSave } from '../kernel/iptables.ts'
import { isAbsence } from '../kernel/nft.ts'

export type ProxyMode = 'iptables' | 'nftables'

export interface KernelRules {
  readonly at: number
  readonly endedAt: number
  readonly hash: string
  /** Omitted when the caller has this hash. */
  readonly text?: string
}

/** Two reads take under a second; rules that change for longer are changed by a fault, or by a kube-proxy that does not stop. */
const standStillWithinMs = 20_000

/**
 * Reads kube-proxy's rules in this machine's kernel, without what changes by itself (counters, handles, ages). Resolves
 * once two reads agree: tables are written one after the other, and a half-written state is not intended.
 * @throws when they can't be read, and when they change with every read for `withinMs`
 */
export async function kernelRules(
  mode: ProxyMode,
  known?: string,
  withinMs = standStillWithinMs,
): Promise<KernelRules> {
  const until = now() + withinMs
  let last: string | undefined
  for (let reads = 1; ; reads++) {
    const at = now()
    const text = await (mode === 'iptables' ? iptables() : nftables())
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
    if (hash === known) return { at, endedAt: now(), hash }
    if (hash === last) return { at, endedAt: now(), hash, text }
    if (now() >= until) throw new Error(`the rules for Services changed with each of ${reads} reads in ${withinMs} ms`)
    last = hash
  }
}

async function iptables(): Promise<string> {
  const tables: string[] = []
  for (const table of ['nat', 'filter']) {
    const lines = (await iptablesSave('-t', table))
      .split('\n')
      .map((line) => (line.startsWith(':') ? line.replace(/ \[\d+:\d+\]$/, '') : line))
    tables.push(
      ...lines.filter((line) => /^[*:]|^COMMIT$/.test(line) || (line.startsWith('-A ') && line.includes('KUBE-'))),
    )
  }
  return tables.join('\n')
}

interface Listed {
  handle?: number
  timeout?: number
  elem?: unknown
}

async function nftables(): Promise<string> {
  const stdout = await command('nft', ['-j', 'list', 'table', 'ip', 'kube-proxy']).catch((error: unknown) => {
    // A missing table has no rules.
    if (isAbsence(error)) return '{"nftables":[]}'
    throw error
  })
  const { nftables: objects } = JSON.parse(stdout) as { nftables: Record<string, Listed>[] }
  for (const object of objects) {
    for (const listed of Object.values(object)) {
      delete listed.handle
      // Senders that are listed for a while come and go with every packet.
      if (listed.timeout !== undefined) delete listed.elem
    }
  }
  return JSON.stringify({ nftables: objects })
}
