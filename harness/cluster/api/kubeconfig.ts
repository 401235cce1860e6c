import { stringify } from 'yaml'
import { base64 } from '../../common/base64.ts'
import type { KeyPair } from '../pki.ts'

/** A kubeconfig for one user of one server, with everything inlined. */
export function kubeconfig(server: string, authority: string, user: KeyPair): string {
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [{ name: 'holdfast', cluster: { server, 'certificate-authority-data': base64(authority) } }],
    users: [
      {
        name: 'holdfast',
        user: { 'client-certificate-data': base64(user.certificate), 'client-key-data': base64(user.key) },
      },
    ],
    contexts: [{ name: 'holdfast', context: { cluster: 'holdfast', user: 'holdfast' } }],
    'current-context': 'holdfast',
  })
}
