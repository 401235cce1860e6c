import { expect, test } from 'vitest'
import { kernelRules } from './kernel-rules.ts'
import { tools } from '../testing/tools.ts'

test('rules are returned after two reads that agree', async () => {
  using _ = tools({ nft: `echo '{"nftables":[{"chain":{"name":"services","handle":3}}]}'` })
  expect(await kernelRules('nftables')).toMatchObject({ text: '{"nftables":[{"chain":{"name":"services"}}]}' })
})

test('rules that keep changing are an error after the time limit', async () => {
  using _ = tools({ nft: `echo "{\\"nftables\\":[{\\"chain\\":{\\"name\\":\\"$(date +%N)\\"}}]}"` })
  await expect(kernelRules('nftables', undefined, 300)).rejects.toThrow(/changed with each of \d+ reads in 300 ms/)
})

const absent = 'Error: No such file or directory\nlist table ip kube-proxy\n              ^^^^^^^^^^\n'

test('a missing table has no rules', async () => {
  using _ = tools({ nft: `printf '${absent}' >&2; exit 1` })
  expect(await kernelRules('nftables')).toMatchObject({ text: '{"nftables":[]}' })
})

test.for([
  [
    'nft: error while loading shared libraries: libnftables.so.1: cannot open shared object file: No such file or directory',
    127,
  ],
  ['Error: Could not process rule: Operation not permitted', 1],
] as const)('an unreadable table is not an empty one: %s', async ([message, exitCode]) => {
  using _ = tools({ nft: `echo '${message}' >&2; exit ${exitCode}` })
  await expect(kernelRules('nftables')).rejects.toThrow()
})

test('a missing nft does not prove that a machine has no rules', async () => {
  using _ = tools({}, { alone: true })
  await expect(kernelRules('nftables')).rejects.toThrow(/nft/)
})
