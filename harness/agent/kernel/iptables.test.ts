import { expect, test } from 'vitest'
import { iptablesKind } from './iptables.ts'

const written = '*mangle\n:PREROUTING ACCEPT [0:0]\n:KUBE-IPTABLES-HINT - [0:0]\nCOMMIT\n'
const empty = '*mangle\n:PREROUTING ACCEPT [0:0]\nCOMMIT\n'
const missing = Promise.reject(new Error('no such table'))
missing.catch(() => undefined)

test('the rules are where the kubelet has left its mark', async () => {
  const queried: string[] = []
  const kind = (nft: Promise<string> | string, legacy: Promise<string> | string) =>
    iptablesKind(async (which) => {
      queried.push(which)
      return which === 'nft' ? nft : legacy
    })
  await expect(kind(empty, missing)).rejects.toThrow('can not be read')
  await expect(kind(missing, empty)).rejects.toThrow('can not be read')
  expect(queried.splice(0)).toEqual(['nft', 'legacy', 'nft', 'legacy'])
  expect(await kind(missing, written)).toBe('legacy')
  expect(queried.splice(0)).toEqual(['nft', 'legacy'])
  // Cached from then on, whatever is removed.
  expect(await kind(empty, empty)).toBe('legacy')
  expect(queried).toEqual([])
})
