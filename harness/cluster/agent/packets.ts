import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { countersOf } from './packet-rules.ts'
import type { Facts } from './protocol.ts'

const run = promisify(execFile)

/** Makes a table of ours. @throws when a table of that name is there, or the kernel refuses it; then nothing was made */
export async function makeTable(script: string): Promise<void> {
  await run('nft', [script])
}

/** Takes a table away, with what its rules have counted until then; one that is gone already is no trouble. */
export async function removeTable(table: string): Promise<Facts> {
  const counted = await countersIn(table)
  if (counted === undefined) return { table, removed: true, gone: true }
  await run('nft', ['delete', 'table', 'inet', table])
  if ((await tables()).includes(table)) throw new Error(`table ${table} is still there`)
  return { table, packets: total(counted), removed: true }
}

/** How many packets the table's rules have met, and how many of its labels have met any. */
export async function tableFacts(table: string): Promise<Facts> {
  const counted = await countersIn(table)
  if (counted === undefined) throw new Error(`there is no table ${table}`)
  const met = [...counted.values()].filter((packets) => packets > 0).length
  return { table, packets: total(counted), labels: counted.size, met }
}

async function countersIn(table: string): Promise<Map<string, number> | undefined> {
  if (!(await tables()).includes(table)) return undefined
  return countersOf((await run('nft', ['-j', 'list', 'table', 'inet', table])).stdout)
}

async function tables(): Promise<string[]> {
  const { stdout } = await run('nft', ['list', 'tables', 'inet'])
  return stdout.split('\n').map((line) => line.split(' ').at(-1) ?? '')
}

function total(counted: ReadonlyMap<string, number>): number {
  return [...counted.values()].reduce((sum, packets) => sum + packets, 0)
}
