import { HoldfastError } from '../errors.ts'

/** The last lines; a compiler may say the same of each of its packages, and once is enough. */
const last = (tail: string, count: number): string => [...new Set(tail.split('\n'))].slice(-count).join('\n')

const refusal = /\b(?:40\d|410|50\d)\b|Forbidden|Gone|not found/i

/** What a failed build command means, from what it wrote: the common causes by name, everything else with its last lines. */
export function buildTrouble(what: string, tail: string, folder: string): HoldfastError {
  if (/no space left on device|ENOSPC|disk quota exceeded/i.test(tail)) return diskFull(what, folder)
  const refused = tail
    .split('\n')
    .find((line) => /\/@v\/|GOPROXY|(?:proxy|sum)\.golang\.org/.test(line) && refusal.test(line))
  if (refused)
    return new HoldfastError(
      'HF_MODULE_PROXY',
      `${what} stopped: the Go module proxy refuses a module (${refused.trim()}).`,
      {
        hint: 'Set GOPROXY to a proxy that serves it, or import an image that somebody else has built: holdfast images import <file>.',
      },
    )
  if (/x509: certificate|certificate verify failed|certificate is not trusted/i.test(tail))
    return new HoldfastError(
      'HF_NO_TRUST',
      `${what} stopped: a download's certificate is not trusted here.\n${last(tail, 2)}`,
      {
        hint: 'Set SSL_CERT_FILE to a file of authorities that includes the one of your proxy, and start again.',
      },
    )
  if (
    /dial tcp|no such host|i\/o timeout|TLS handshake|connection refused|Temporary failure|Could not resolve|Failed to fetch|Failed getting/i.test(
      tail,
    )
  )
    return new HoldfastError('HF_NO_NETWORK', `${what} stopped: the network does not answer.\n${last(tail, 5)}`, {
      hint: 'Check the connection and the proxy settings (HTTPS_PROXY, GOPROXY) and start again; what is built is kept. Without a network: holdfast images import <file>.',
    })
  return new HoldfastError('HF_IMAGE_BUILD', `${what} failed. Its last lines:\n${last(tail, 15)}`, {
    hint: 'Start again; what was built before this step is kept.',
  })
}

/** There is no room where the build writes. */
export function diskFull(what: string, folder: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_DISK_FULL', `${what} stopped: no space is left for ${folder}.`, {
    hint: moreRoom,
    cause,
  })
}

/** There is less room than a build is known to need, so that it is not even begun. */
export function diskTooSmall(folder: string, wanted: number, free: number): HoldfastError {
  const figures = `some ${gigabytes(wanted)} are needed and ${gigabytes(free)} are free`
  return new HoldfastError('HF_DISK_FULL', `The machine image can't be built in ${folder}: ${figures}.`, {
    hint: moreRoom,
  })
}

const moreRoom =
  'Free the space, or set HOLDFAST_CACHE (for a compiler on this host GOCACHE and GOMODCACHE too) to a larger disk; what is built is kept.'
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
