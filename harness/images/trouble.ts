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
        hint: 'Set GOPROXY to a proxy that serves the module, or import an image that was built elsewhere: holdfast images import <file>.',
      },
    )
  if (/x509: certificate|certificate verify failed|certificate is not trusted/i.test(tail))
    return new HoldfastError(
      'HF_NO_TRUST',
      `${what} stopped: the certificate of a download is not trusted.\n${last(tail, 2)}`,
      {
        hint: 'Set SSL_CERT_FILE to a CA file that includes the CA of your proxy, and start again.',
      },
    )
  if (
    /dial tcp|no such host|i\/o timeout|TLS handshake|connection refused|Temporary failure|Could not resolve|Failed to fetch|Failed getting/i.test(
      tail,
    )
  )
    return new HoldfastError('HF_NO_NETWORK', `${what} stopped: a download failed on the network.\n${last(tail, 5)}`, {
      hint: 'Check the connection and the proxy settings (HTTPS_PROXY, GOPROXY), then start again. Finished steps are cached. Without a network: holdfast images import <file>.',
    })
  return new HoldfastError('HF_IMAGE_BUILD', `${what} failed. Its last lines:\n${last(tail, 15)}`, {
    hint: 'Start again. Finished steps are cached.',
  })
}

/** There is no room where the build writes. */
export function diskFull(what: string, folder: string, cause?: unknown): HoldfastError {
  return new HoldfastError('HF_DISK_FULL', `${what} stopped: no space is left in ${folder}.`, {
    hint: moreRoom,
    cause,
  })
}

/** There is less room than a build is known to need, so that it is not even begun. */
export function diskTooSmall(folder: string, wanted: number, free: number): HoldfastError {
  const figures = `${gigabytes(free)} are free, expected about ${gigabytes(wanted)}`
  return new HoldfastError('HF_DISK_FULL', `The machine image can't be built in ${folder}: ${figures}.`, {
    hint: moreRoom,
  })
}

const moreRoom =
  'Free space, or set HOLDFAST_CACHE (and GOCACHE and GOMODCACHE for a compiler on this host) to a larger disk. Finished steps are cached.'
const gigabytes = (bytes: number): string => `${(bytes / 1e9).toFixed(1)} GB`
