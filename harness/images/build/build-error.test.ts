import { describe, expect, it } from 'vitest'
import { reason } from '../engine.ts'
import { isGoRecent } from './go-toolchain.ts'
import { formatBuildError } from './build-error.ts'

describe('formatBuildError', () => {
  it.each([
    ['HF_DISK_FULL', 'compile: writing output: write $WORK/b1: no space left on device'],
    [
      'HF_MODULE_PROXY',
      'go: example.test/m@v1.0.0: reading https://modules.example/example.test/m/@v/v1.0.0.mod: 403 Forbidden',
    ],
    ['HF_MODULE_PROXY', 'go: example.test/m@v1.0.0: reading https://goproxy.example/m/@v/v1.0.0.zip: 410 Gone'],
    ['HF_NO_NETWORK', 'Get "https://modules.example/m/@v/v1.mod": dial tcp: lookup modules.example: no such host'],
    ['HF_NO_NETWORK', 'E: Failed to fetch http://debian.example/debian/dists/bookworm/InRelease'],
    ['HF_NO_NETWORK', 'E: Failed getting release file http://debian.example/debian/dists/bookworm/Release'],
    [
      'HF_NO_TRUST',
      'Get "https://modules.example/m.zip": tls: failed to verify certificate: x509: certificate signed by unknown authority',
    ],
    ['HF_IMAGE_BUILD', 'main.go:3:1: syntax error: unexpected thing'],
  ])('gives code %s', (code, tail) => {
    const error = formatBuildError('Building x v1', tail, '/cache')
    expect(error.code).toBe(code)
    expect(error.message).toContain('Building x v1')
    expect(error.hint).not.toBe('')
  })
})

describe('reason', () => {
  it('removes the HTTP part of an engine message', () => {
    expect(reason(new Error('(HTTP code 500) server error - no such host '))).toBe('no such host')
  })
})

describe('isGoRecent', () => {
  it.each([
    ['go version go1.26.8 linux/amd64', true],
    ['go version go1.27rc1 linux/amd64', true],
    ['go version go2.0 linux/amd64', true],
    ['go version go1.19.8 linux/amd64', false],
    ['go version go1.3 linux/amd64', false],
    ['', false],
  ])('%s: %s', (line, recent) => expect(isGoRecent(line)).toBe(recent))
})
