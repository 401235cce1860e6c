import fc from 'fast-check'
import { createPublicKey, generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Journal } from './journal.ts'
import { type JournalRecord, recordSchema } from './records.ts'
import { withoutSecrets } from './secrets.ts'
import { anyRecord } from './testing/arbitrary.ts'

const pem = (type: 'pkcs8' | 'sec1'): string =>
  generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey.export({ type, format: 'pem' }).toString()
const pkcs1 = generateKeyPairSync('rsa', { modulusLength: 2048 })
  .privateKey.export({ type: 'pkcs1', format: 'pem' })
  .toString()
const part = (bytes: number): string => randomBytes(bytes).toString('base64url')
const json = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
const body = (key: string): string => key.split('\n').slice(1, -2).join('')

/** Each planted text with its secret part. */
const keys = [pem('pkcs8'), pem('sec1'), pkcs1]
const signature = part(64)
const bearer = part(40)
const planted: readonly { readonly text: string; readonly secret: string }[] = [
  ...keys.map((key) => ({ text: key, secret: body(key).slice(20, 60) })),
  ...keys.map((key) => ({ text: JSON.stringify({ key }), secret: body(key).slice(20, 60) })),
  ...keys.map((key) => {
    const encoded = Buffer.from(key).toString('base64')
    return { text: `client-key-data: ${encoded}`, secret: encoded.slice(60, 120) }
  }),
  ...keys.map((key) => ({ text: key.slice(0, 120), secret: key.slice(70, 110) })),
  {
    text: `${json({ alg: 'RS256', kid: 'x' })}.${json({ iss: 'kubernetes/serviceaccount' })}.${signature}`,
    secret: signature,
  },
  { text: `curl -H "Authorization: Bearer ${bearer}" https://x`, secret: bearer },
]

/** Inserts `text` into each free text of the record. */
function withText(record: JournalRecord, text: string): JournalRecord {
  const put = (value: string): string => `${value} ${text} ${value}`
  if (record.kind === 'step') return { ...record, name: put(record.name) }
  if (record.kind === 'rig') return { ...record, message: put(record.message) }
  if (record.kind === 'attempt') return { ...record, error: put(record.from) }
  if (record.kind === 'watch') return { ...record, object: { ...record.object, status: { message: put('x') } } }
  if (record.kind === 'command') return { ...record, argv: [...record.argv, put('')], stdout: put(record.stdout) }
  return record
}

test('keys and tokens are withheld in any text, and the record stays valid', () => {
  fc.assert(
    fc.property(anyRecord, fc.constantFrom(...planted), (record, { text, secret }) => {
      const line = JSON.stringify(withText(record, text))
      expect(line.replaceAll(/\\+n/g, '')).toContain(secret.replaceAll('\n', ''))
      const clean = withoutSecrets(line)
      expect(clean.replaceAll(/\\+n/g, '')).not.toContain(secret.replaceAll('\n', ''))
      expect(recordSchema.parse(JSON.parse(clean)).kind).toBe(record.kind)
      expect(withoutSecrets(clean)).toBe(clean)
    }),
  )
})

test('a line without secrets does not change', () => {
  fc.assert(
    fc.property(anyRecord, (record) => {
      const line = JSON.stringify(record)
      expect(withoutSecrets(line)).toBe(line)
    }),
  )
  const certificate = createPublicKey(keys[0] ?? '').export({ type: 'spki', format: 'pem' })
  const line = JSON.stringify({ kind: 'rig', at: 0, message: `${String(certificate)} kind: Pod, a Secret is missing` })
  expect(withoutSecrets(line)).toBe(line)
})

test('the values of a Secret are withheld, in an object and in the output of a command', () => {
  const folder = mkdtempSync(join(tmpdir(), 'holdfast-secrets-'))
  const path = join(folder, 'journal.ndjson')
  const journal = new Journal(path)
  const value = randomBytes(12).toString('base64')
  const object = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'db' }, data: { password: value } }
  const seen = { namespace: 'default', name: 'db', uid: 'u', resourceVersion: '7' }
  journal.write({ kind: 'watch', at: 1, source: 'cp', event: 'added', resource: 'secrets', ...seen, object })
  const printed = [
    JSON.stringify(object, null, 4),
    JSON.stringify({ kind: 'SecretList', items: [object] }),
    `apiVersion: v1\ndata:\n  password: ${value}\nkind: Secret\n`,
  ]
  for (const stdout of printed) {
    journal.write({
      kind: 'command',
      at: 1,
      endedAt: 2,
      machine: 'cp',
      argv: ['kubectl'],
      exitCode: 0,
      stdout,
      stderr: '',
    })
  }
  journal.close()
  const text = readFileSync(path, 'utf8')
  rmSync(folder, { recursive: true })
  expect(text).not.toContain(value)
  expect(text).toContain('"name":"db"')
  expect(text.trimEnd().split('\n')).toHaveLength(1 + printed.length)
})
