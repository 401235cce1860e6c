import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { unreadable } from '../../common/unreadable.ts'
import { residue } from './residue.ts'
import { tools } from '../testing/tools.ts'

const silent = {
  nft: '',
  tc: '',
  ip: '',
  losetup: '',
  find: '',
  'iptables-save': '',
  'ip6tables-save': '',
  conntrack: '',
} as const

let folder: string
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), 'holdfast-residue-'))))
afterEach(() => rmSync(folder, { recursive: true }))

/** Reads the residue of a machine without its own cgroups, and by default without active faults. */
const check = (appliedFaults = join(folder, 'nothing')): ReturnType<typeof residue> =>
  residue({}, { appliedFaults, groups: join(folder, 'nothing') })

/** Returns the kinds that could not be read, by the beginning of the reason. */
const failed = (found: Readonly<Record<string, readonly string[]>>): string[] =>
  (found[unreadable] ?? []).map((entry) => entry.split(':')[0] ?? '').toSorted()

test('a kind that was read and has no entries is empty', async () => {
  using _ = tools(silent)
  const found = await check()
  expect(failed(found)).toEqual([])
  expect(found).toMatchObject({ 'iptables rule of ours': [], 'conntrack entry of ours': [], lease: [] })
})

test.for([
  ['conntrack', 'conntrack entry of ours'],
  ['iptables-save', 'iptables rule of ours'],
  ['losetup', 'loop device'],
  ['nft', 'nft tables'],
  ['tc', 'qdisc'],
] as const)('a failing %s makes its kind unknown, and not empty', async ([tool, kind]) => {
  using _ = tools({ ...silent, [tool]: 'echo "Operation not permitted" >&2; exit 1' })
  const found = await check()
  expect(failed(found)).toEqual([kind])
  expect(found[kind]).toBeUndefined()
})

test('a machine without any of the programs is not clean', async () => {
  using _ = tools({}, { alone: true })
  expect(failed(await check())).toEqual(
    expect.arrayContaining(['conntrack entry of ours', 'iptables rule of ours', 'link', 'qdisc', 'route']),
  )
})

test('an unreadable folder of faults is not an empty one', async () => {
  using _ = tools(silent)
  const appliedFaults = join(folder, 'applied-faults')
  writeFileSync(appliedFaults, 'a file in the place of the folder')
  expect(failed(await check(appliedFaults))).toEqual(['lease'])
})

test('unreadable cgroups are not an empty list', async () => {
  using _ = tools(silent)
  const groups = join(folder, 'groups')
  writeFileSync(groups, 'a file in the place of the folder')
  const found = await residue({}, { appliedFaults: folder, groups })
  expect(failed(found)).toEqual(['cgroups'])
})
