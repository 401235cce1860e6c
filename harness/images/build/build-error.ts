import { HoldfastError } from '../../common/errors.ts'

/** Returns the last distinct lines: a compiler may repeat an error for each of its packages. */
const last = (tail: string, count: number): string => [...new Set(tail.split('\n'))].slice(-count).join('\n')

const refusal = /\b(?:40\d|410|50\d)\b|Forbidden|Gone|not found/i

/** Converts the output of a failed build command to an error: a code for each common cause, else HF_IMAGE_BUILD with its last lines. */
export function formatBuildError(what: string, tail: string, folder: string): HoldfastError {
  if (/no space left on device|ENOSPC|disk quota exceeded/i.test(tail)) return diskFull(what, folder)
  const refused = tail
    .split('\n')
    .find((line) => /\/@v\/|GOPROXY|(?:proxy|sum)\.golang\.org/.test(line) && refusal.test(line))
  if (refused)
    return new HoldfastError(
      'HF_MODULE_PROXY',
      `${what} failed: the Go module proxy refuses a module (${refused.trim()}).`,
      {
        hint: 'Set GOPROXY to a proxy that serves the module, or import a built image: holdfast images import <file>.',
      },
    )
  if (/x509: certificate|certificate verify failed|certificate is not trusted/i.test(tail))
    return new HoldfastError(
      'HF_NO_TRUST',
      `${what} failed: this host does not trust the certificate of a download.\n${last(tail, 2)}`,
      {
        hint: 'Set SSL_CERT_FILE to a file of certificate authorities that includes that of your proxy, and start again.',
      },
    )
  if (
    /dial tcp|no such host|i\/o timeout|TLS handshake|connection refused|Temporary failure|Could not resolve|Failed to fetch|Failed getting/i.test(
      tail,
    )
  )
    return new HoldfastError('HF_NO_NETWORK', `${what} failed: the network does not answer.\n${last(tail, 5)}`, {
      hint: 'Check the connection and the proxy settings (HTTPS_PROXY, GOPROXY) and start again. Finished parts are kept. Without a network: holdfast images import <file>.',
    })
  return new HoldfastError('HF_IMAGE_BUILD', `${what} failed. Last lines of output:\n${last(tail, 15)}`, {
    hint: 'Start again. Finished steps are kept.',
  })
}

/** The disk of a build is full. */
export function diskFull(what: string, folder: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_DISK_FULL', `${what} failed: no disk space is left for ${folder}.`, {
    hint: moreSpace,
    cause,
  })
}

/** The disk has less free space than a build needs, so the build does not start. */
export function diskTooSmall(folder: string, wanted: number, free: number): HoldfastError {
  const figures = `${gigabytes(free)} are free, about ${gigabytes(wanted)} are needed`
  return new HoldfastError('HF_DISK_FULL', `Can't build the machine image in ${folder}: ${figures}.`, {
    hint: moreSpace,
  })
}

const moreSpace =
  'Free disk space, or set HOLDFAST_CACHE (for a Go on this host also GOCACHE and GOMODCACHE) to a larger disk. Finished parts are kept.'
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
