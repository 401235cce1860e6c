import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { base64 } from '../common/base64.ts'

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' } as const
const yearMs = 365 * 24 * 3600 * 1000

/** A certificate and its private key, both PEM. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

export interface Subject {
  readonly commonName: string
  readonly organization?: string
  /** DNS names and IP addresses that the certificate is valid for. */
  readonly names?: readonly string[]
}

/** A certificate authority that lives as long as its run. */
export class Authority {
  readonly certificate: string
  /** For components that issue certificates themselves. */
  readonly key: string
  readonly #issuer: x509.X509Certificate
  readonly #keys: CryptoKeyPair

  private constructor(issuer: x509.X509Certificate, keys: CryptoKeyPair, key: string) {
    this.certificate = issuer.toString('pem')
    this.key = key
    this.#issuer = issuer
    this.#keys = keys
  }

  static async create(commonName: string): Promise<Authority> {
    const keys = await newKeys()
    const issuer = await x509.X509CertificateGenerator.createSelfSigned(
      {
        name: [{ CN: [commonName] }],
        ...validity(),
        signingAlgorithm: algorithm,
        keys,
        extensions: [
          new x509.BasicConstraintsExtension(true, undefined, true),
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.keyCertSign | x509.KeyUsageFlags.cRLSign, true),
          await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
        ],
      },
      crypto,
    )
    return new Authority(issuer, keys, await privateKey(keys))
  }

  /** Issues a certificate for TLS servers and clients alike: etcd peers are both. */
  async issue({ commonName, organization, names = [] }: Subject): Promise<KeyPair> {
    const keys = await newKeys()
    const alternatives = names.map((value) => ({
      type: /^[\d.]+$/.test(value) ? ('ip' as const) : ('dns' as const),
      value,
    }))
    const certificate = await x509.X509CertificateGenerator.create(
      {
        subject: [...(organization ? [{ O: [organization] }] : []), { CN: [commonName] }],
        issuer: this.#issuer.subjectName,
        ...validity(),
        signingAlgorithm: algorithm,
        signingKey: this.#keys.privateKey,
        publicKey: keys.publicKey,
        extensions: [
          new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature, true),
          new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth, x509.ExtendedKeyUsage.clientAuth]),
          ...(alternatives.length > 0 ? [new x509.SubjectAlternativeNameExtension(alternatives)] : []),
        ],
      },
      crypto,
    )
    return { certificate: certificate.toString('pem'), key: await privateKey(keys) }
  }
}

/** The key pair with which API servers sign service account tokens. */
export async function signingKeys(): Promise<{ publicKey: string; privateKey: string }> {
  const keys = await newKeys()
  const spki = await crypto.subtle.exportKey('spki', keys.publicKey)
  return { publicKey: pem('PUBLIC KEY', spki), privateKey: await privateKey(keys) }
}

async function newKeys(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
}

async function privateKey(keys: CryptoKeyPair): Promise<string> {
  return pem('PRIVATE KEY', await crypto.subtle.exportKey('pkcs8', keys.privateKey))
}

function pem(label: string, der: ArrayBuffer): string {
  const lines = base64(new Uint8Array(der)).match(/.{1,64}/g) ?? []
  return `-----BEGIN ${label}-----\n${lines.join('\n')}\n-----END ${label}-----\n`
}

/** An hour back, so that a host whose clock is a little behind accepts it. */
function validity(): { notBefore: Date; notAfter: Date; serialNumber: string } {
  const serial = Buffer.from(crypto.getRandomValues(new Uint8Array(15))).toString('hex')
  return {
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + yearMs),
    serialNumber: `01${serial}`,
  }
}
