import { randomBytes } from 'node:crypto'
import type { Manifest } from '../distribution.ts'

/** The tokens with which machines join a cluster. */
export interface Tokens {
  readonly server: string
  /** A bootstrap token, which is a Secret in the cluster, `id.secret`: https://docs.k3s.io/cli/token#bootstrap-token */
  readonly agent: string
}

/**
 * A server's token is a password, which a server hashes anew at each use, for a tenth of a second: ten times for each agent
 * that joins. A bootstrap token is only looked up.
 */
export function createTokens(): Tokens {
  const hex = (bytes: number): string => randomBytes(bytes).toString('hex')
  return { server: hex(16), agent: `${hex(3)}.${hex(8)}` }
}

/** It lasts as long as the cluster: an agent needs it again after its Node has been deleted. */
export function agentTokenSecret({ agent }: Tokens): Manifest {
  const [id = '', secret = ''] = agent.split('.')
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: `bootstrap-token-${id}`, namespace: 'kube-system' },
    type: 'bootstrap.kubernetes.io/token',
    stringData: {
      'token-id': id,
      'token-secret': secret,
      'usage-bootstrap-authentication': 'true',
      'auth-extra-groups': 'system:bootstrappers:k3s:default-node-token',
    },
  }
}
