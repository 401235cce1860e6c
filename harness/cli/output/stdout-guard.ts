import { fstatSync, writeFileSync } from 'node:fs'
import { HoldfastError } from '../../common/errors.ts'
import { formatError } from './format-error.ts'

/**
 * Makes a command fail when its output is cut off: exit code 2 instead of 0, and an error on stderr. The command continues,
 * because active faults have to be reverted.
 */
export function writeWholeStdout(): void {
  let reported = false
  // Without a listener, signal-exit (a dependency of proper-lockfile) ends the process before it reports the failed write.
  process.on('SIGXFSZ', () => undefined)
  for (const stream of [process.stdout, process.stderr]) {
    if (fstatSync(stream.fd).isFile()) writeAllTo(stream)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // EPIPE: the reader closed the pipe (`| head`). After the first error, every further line fails too.
      if (error.code === 'EPIPE' || reported) return
      reported = true
      fail(error)
    })
  }
}

/** Replaces the stream's write: on a nearly full disk, Node ignores a short write. */
function writeAllTo(stream: NodeJS.WriteStream & { readonly fd: number }): void {
  stream._write = (chunk: Uint8Array, _encoding, done) => {
    try {
      writeFileSync(stream.fd, chunk)
      done()
    } catch (error) {
      done(error as Error)
    }
  }
}

function fail(cause: Error): void {
  process.once('exit', (code) => {
    if (code === 0) process.exitCode = 2
  })
  const { text } = formatError(
    new HoldfastError('HF_OUTPUT', `The output can't be written: ${cause.message}.`, {
      hint: 'Free space at its destination and run the command again.',
      cause,
    }),
  )
  process.stderr.write(`${text}\n`)
}
