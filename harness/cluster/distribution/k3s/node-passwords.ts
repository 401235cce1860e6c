import { randomBytes, scryptSync } from 'node:crypto'
import { base64 } from '../../../common/base64.ts'
import type { Manifest } from '../distribution.ts'

/** What a Node needs to receive its certificates again. */
export interface NodePassword {
  readonly node: string
  readonly password: string
}

/** The lowest cost of scrypt. k3s would use 2^15, a tenth of a second of a server's time for each certificate that a Node requests. */
const cost = { N: 2, r: 8, p: 1 } as const
const keyLength = 64

export function nodePassword(node: string): NodePassword {
  return { node, password: randomBytes(16).toString('hex') }
}

/**
 * Returns the Secret that a server otherwise makes of a Node's password when it first joins
 * (https://docs.k3s.io/architecture#how-agent-node-registration-works). A password of 128 random bits can't be guessed,
 * however cheap a guess is.
 */
export function nodePasswordSecret({ node, password }: NodePassword): Manifest {
  const salt = randomBytes(8)
  const key = base64(scryptSync(password, salt, keyLength, cost)).replace(/=+$/, '')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `${node}.node-password.k3s`, namespace: 'kube-system' },
    immutable: true,
    type: 'k3s.cattle.io/node-password',
    stringData: { hash: `$1:${salt.toString('hex')}:${Math.log2(cost.N)}:${cost.r}:${cost.p}:${key}` },
  }
}
