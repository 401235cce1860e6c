import { scryptSync } from 'node:crypto'
import { expect, test } from 'vitest'
import { nodePassword, nodePasswordSecret } from './node-passwords.ts'

test('the record of a Node on a server matches its password and no other', () => {
  const [own, other] = [nodePassword('worker1'), nodePassword('worker1')]
  const { stringData, metadata } = nodePasswordSecret(own)
  expect(metadata?.name).toBe('worker1.node-password.k3s')
  // In the format of k3s: version, salt, logarithm of the cost, block size, parallelism, key without padding.
  const { hash } = stringData as { hash: string }
  const [version, salt = '', logN, r, p, key] = hash.slice(1).split(':')
  expect(version).toBe('1')
  const costs = { N: 2 ** Number(logN), r: Number(r), p: Number(p) }
  const keyOf = (password: string): string =>
    scryptSync(password, Buffer.from(salt, 'hex'), 64, costs).toString('base64').replaceAll('=', '')
  expect(keyOf(own.password)).toBe(key)
  expect(keyOf(other.password)).not.toBe(key)
})
