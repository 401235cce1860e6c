import { fstatSync, writeFileSync } from 'node:fs'
import { HoldfastError } from '../errors.ts'
import { troubleOf } from './trouble.ts'

/**
 * What a command prints arrives whole, or the command fails (exit code 2 instead of 0, and one sentence on stderr): a result
 * that was cut off would be believed. It goes on all the same: what is in force has to be undone.
 */
export function printWhole(): void {
  let told = false
  // Without a listener of our own signal-exit (of proper-lockfile) ends the process, although the failed write is reported.
  process.on('SIGXFSZ', () => undefined)
  for (const stream of [process.stdout, process.stderr]) {
    if (fstatSync(stream.fd).isFile()) writeAllTo(stream)
    stream.on('error', (error: NodeJS.ErrnoException) => {
      // A reader that went away (`| head`) is no trouble of ours; and each line that follows fails as well.
      if (error.code === 'EPIPE' || told) return
      told = true
      fail(error)
    })
  }
}

/** Node takes what fitted on a disk that is nearly full for all of it, and tells nobody. */
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
  const { text } = troubleOf(
    new HoldfastError('HF_OUTPUT', `The output could not be written: ${cause.message}.`, {
      hint: 'Make room where it goes, and run this again.',
      cause,
    }),
  )
  process.stderr.write(`${text}\n`)
}
