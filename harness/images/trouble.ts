import { HoldfastError } from '../errors.ts'

const last = (tail: string, count: number): string => tail.split('\n').slice(-count).join('\n')

/** What a failed build command means, from what it wrote: the common causes by name, everything else with its last lines. */
export function buildTrouble(what: string, tail: string, folder: string): HoldfastError {
  if (/no space left on device|ENOSPC|disk quota exceeded/i.test(tail)) return diskFull(what, folder)
  const refused =
    /(?:proxy\.golang\.org|sum\.golang\.org|GOPROXY|\/@v\/|\bproxy\b.*)[^\n]*(?:40\d|410|50\d|Forbidden|Gone|not found)[^\n]*/i.exec(
      tail,
    )
  if (refused)
    return new HoldfastError(
      'HF_MODULE_PROXY',
      `${what} stopped: the Go module proxy refuses a module (${refused[0].trim()}).`,
      {
        hint: 'Set GOPROXY to a proxy that serves it, or import an image that somebody else has built: holdfast images import <file>.',
      },
    )
  if (
    /dial tcp|no such host|i\/o timeout|TLS handshake|connection refused|Temporary failure|Could not resolve|Failed to fetch/i.test(
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
    hint: 'Free some 8 GB there, or set HOLDFAST_CACHE (and GOCACHE, GOMODCACHE) to a larger disk; what is built is kept.',
    cause,
  })
}
