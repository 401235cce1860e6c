import { isAbsence, nft } from './nft.ts'
import { countersOf } from './packet-rules.ts'
import type { Facts } from '../rpc/results.ts'

/** Makes a Holdfast table. @throws when the kernel refuses it; then nothing was made */
export async function makeTable(script: string): Promise<void> {
  await nft(script)
}

/** Removes a table, and returns what its rules have counted until then; a missing table is no error. */
export async function removeTable(table: string): Promise<Facts> {
  const counted = await countersIn(table)
  if (counted === undefined) return { table, removed: true, gone: true }
  await nft(`delete table inet ${table}`)
  if ((await countersIn(table)) !== undefined) throw new Error(`table ${table} still exists`)
  return { table, packets: total(counted), removed: true }
}

/** Returns how many packets the table's rules have matched, and how many of its labels have matched any. */
export async function tableFacts(table: string): Promise<Facts> {
  const counted = await countersIn(table)
  if (counted === undefined) throw new Error(`there is no table ${table}`)
  const met = [...counted.values()].filter((packets) => packets > 0).length
  return { table, packets: total(counted), labels: counted.size, met }
}

/** Undefined when there is no such table. */
async function countersIn(table: string): Promise<Map<string, number> | undefined> {
  try {
    return countersOf(await nft(`list table inet ${table}`))
  } catch (error) {
    if (isAbsence(error)) return undefined
    throw error
  }
}

function total(counted: ReadonlyMap<string, number>): number {
  return [...counted.values()].reduce((sum, packets) => sum + packets, 0)
}
