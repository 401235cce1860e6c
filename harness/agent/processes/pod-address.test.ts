import { expect, test } from 'vitest'
import { localAddress } from './pod-address.ts'

/** As read in a pod of 10.244.3.7/24. */
const trie = `Main:
  +-- 0.0.0.0/0 3 0 5
     |-- 0.0.0.0
        /0 universe UNICAST
     +-- 10.244.0.0/16 2 0 2
        +-- 10.244.3.0/28 2 0 2
           |-- 10.244.3.0
              /24 link UNICAST
           |-- 10.244.3.7
              /32 host LOCAL
        |-- 10.244.3.255
           /32 link BROADCAST
     +-- 127.0.0.0/8 2 0 2
        |-- 127.0.0.0
           /8 host LOCAL
        |-- 127.0.0.1
           /32 host LOCAL
`

test('the address of a pod is distinguished from that of its network', () => {
  expect(localAddress(trie)).toBe('10.244.3.7')
  expect(localAddress(trie.replace('/32 host LOCAL', '/32 link BROADCAST'))).toBeUndefined()
  expect(localAddress('')).toBeUndefined()
})
