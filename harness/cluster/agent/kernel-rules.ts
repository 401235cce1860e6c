import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { promisify } from 'node:util'
import { now } from '../../record/clock.ts'
import { iptablesSave } from './iptables.ts'

const run = promisify(execFile)
const most = { maxBuffer: 256 * 1024 * 1024 }

export type ProxyMode = 'iptables' | 'nftables'

export interface KernelRules {
  readonly at: number
  readonly endedAt: number
  readonly hash: string
  /** Absent where it is the one whose hash the asker knows. */
  readonly text?: string
}

/**
 * What this machine's kernel holds of kube-proxy's, without what changes by itself (counters, handles, ages). A change is
 * told only once it reads the same twice: tables are written one after the other, and one that is half written is nobody's
 * intention.
 */
export async function kernelRules(mode: ProxyMode, known?: string): Promise<KernelRules> {
  let last: { text: string; hash: string } | undefined
  for (;;) {
    const at = now()
    const text = await (mode === 'iptables' ? iptables() : nftables())
    const hash = createHash('sha256').update(text).digest('hex').slice(0, 16)
    if (hash === known) return { at, endedAt: now(), hash }
    if (hash === last?.hash) return { at, endedAt: now(), hash, text }
    last = { text, hash }
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
  const stdout = await run('nft', ['-j', 'list', 'table', 'ip', 'kube-proxy'], most).then(
    (done) => done.stdout,
    (error: { stderr?: string }) => {
      // A table that is not there is a table without rules.
      if (error.stderr?.includes('No such file')) return '{"nftables":[]}'
      throw error
    },
  )
  const { nftables: objects } = JSON.parse(stdout) as { nftables: Record<string, Listed>[] }
  for (const object of objects) {
    for (const listed of Object.values(object)) {
      delete listed.handle
      // Senders that are noted down for a while come and go with every packet.
      if (listed.timeout !== undefined) delete listed.elem
    }
  }
  return JSON.stringify({ nftables: objects })
}
