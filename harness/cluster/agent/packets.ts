import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import type { Facts } from './protocol.ts'

const run = promisify(execFile)

/**
 * Silent drops between pairs of addresses, in a table of our own name with a counter a rule. Only packets that pass this
 * machine's own input and output are touched; foreign tables stay as they are.
 */
export async function drop(table: string, cut: readonly { from: string; to: string }[]): Promise<Facts> {
  const rules = cut.map(({ from, to }) => `ip saddr ${from} ip daddr ${to} counter drop`)
  const chain = (name: string): string =>
    `chain ${name} {\n type filter hook ${name} priority -300; policy accept;\n ${rules.join('\n ')}\n}`
  await nft(`table inet ${table} {\n${chain('input')}\n${chain('output')}\n}`)
  return { table, rules: rules.length * 2 }
}

export async function undrop(table: string): Promise<Facts> {
  const packets = await dropped(table)
  if (packets === undefined) return { table, removed: true, gone: true }
  await nft(`delete table inet ${table}`)
  if (await exists(table)) throw new Error(`table ${table} is still there`)
  return { table, packets, removed: true }
}

/** Packets that the table's rules have dropped so far; undefined when there is no such table. */
export async function dropped(table: string): Promise<number | undefined> {
  if (!(await exists(table))) return undefined
  const { stdout } = await run('nft', ['-j', 'list', 'table', 'inet', table])
  const parsed = JSON.parse(stdout) as { nftables: { rule?: { expr: { counter?: { packets: number } }[] } }[] }
  return parsed.nftables
    .flatMap(({ rule }) => rule?.expr ?? [])
    .reduce((sum, { counter }) => sum + (counter?.packets ?? 0), 0)
}

async function exists(table: string): Promise<boolean> {
  const { stdout } = await run('nft', ['list', 'tables'])
  return stdout.split('\n').includes(`table inet ${table}`)
}

async function nft(script: string): Promise<void> {
  await run('nft', [script])
}
