import { createCipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto'
import { base64 } from '../../../common/base64.ts'
import type { Identities } from '../upstream/identities.ts'

/** An entry of etcd. */
export interface Entry {
  readonly key: string
  readonly value: string
}

/**
 * Returns what servers share, as the first one would store it in etcd: authorities and keys under a name derived from the
 * server token, encrypted with it (https://docs.k3s.io/cli/token#server). The first one stores it only once its own agent
 * has everything from it, and the others wait until then.
 */
export function sharedSecrets(serverToken: string, identities: Identities): Entry {
  const { clusterAuthority, etcdAuthority, frontProxyAuthority, authorityKeys, serviceAccounts } = identities
  const files = {
    ETCDServerCA: etcdAuthority,
    ETCDServerCAKey: authorityKeys.etcd,
    ServerCA: clusterAuthority,
    ServerCAKey: authorityKeys.cluster,
    ClientCA: clusterAuthority,
    ClientCAKey: authorityKeys.cluster,
    RequestHeaderCA: frontProxyAuthority,
    RequestHeaderCAKey: authorityKeys.frontProxy,
    ServiceKey: serviceKey({ serviceAccounts }),
  }
  const Timestamp = new Date().toISOString()
  const record = Object.entries(files).map(([name, content]) => [name, { Timestamp, Content: base64(content) }])
  const name = createHash('sha256').update(serverToken).digest('hex').slice(0, 12)
  return { key: `/bootstrap/${name}`, value: encrypted(serverToken, JSON.stringify(Object.fromEntries(record))) }
}

/** Returns the keys of service account tokens: k3s signs with the first half of this file and verifies with the second. */
export function serviceKey({ serviceAccounts }: Pick<Identities, 'serviceAccounts'>): string {
  return serviceAccounts.privateKey + serviceAccounts.publicKey
}

function encrypted(password: string, text: string): string {
  const salt = randomBytes(8).toString('hex')
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', pbkdf2Sync(password, salt, 4096, 32, 'sha1'), nonce)
  const sealed = [nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]
  return `${salt}:${base64(Buffer.concat(sealed))}`
}
