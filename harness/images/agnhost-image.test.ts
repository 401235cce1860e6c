import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { describe, expect, it } from 'vitest'
import { busyboxEntries } from './agnhost-image.ts'
import { localhostCertificate } from './third-party/certificates.ts'

describe('busyboxEntries', () => {
  const entries = busyboxEntries('/from/busybox', ['bin/busybox', 'bin/sh', 'usr/bin/[', 'usr/sbin/x', 'not a path'])

  it('creates a link for every applet except busybox, which is the file', () => {
    expect(entries.filter(({ kind }) => kind === 'link').map(({ path }) => path)).toEqual([
      'bin/sh',
      'usr/bin/[',
      'usr/sbin/x',
    ])
    expect(entries.filter(({ path }) => path === 'bin/busybox')).toEqual([
      { path: 'bin/busybox', kind: 'file', from: '/from/busybox' },
    ])
  })

  it('creates every folder before its content', () => {
    const made = new Set<string>()
    for (const { kind, path } of entries) {
      const parent = path.split('/').slice(0, -1).join('/')
      if (parent) expect(made).toContain(parent)
      if (kind === 'folder') made.add(path)
    }
  })
})

describe('localhostCertificate', () => {
  it('is self-signed, for localhost, and valid for years', async () => {
    const { certificate, key } = await localhostCertificate()
    const read = new x509.X509Certificate(certificate)
    expect(await read.verify({ signatureOnly: true })).toBe(true)
    expect(read.notAfter.getFullYear() - new Date().getFullYear()).toBeGreaterThan(20)
    const names = read.getExtension(x509.SubjectAlternativeNameExtension)?.names.toJSON()
    expect(names).toContainEqual({ type: 'ip', value: '127.0.0.1' })
    expect(key).toContain('BEGIN PRIVATE KEY')
  })
})
