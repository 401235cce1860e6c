import { fstatSync, ftruncateSync, writeSync } from 'node:fs'

/** Writes some bytes of a buffer from an offset on, and returns how many. */
export type Write = (file: number, bytes: Uint8Array, offset: number) => number

/**
 * Appends a text to a file as a whole. The kernel may take less than it is given, as on a disk that is almost full. When a write
 * fails, the part that the kernel took is removed: a torn line would make the lines after it unreadable.
 * @throws the error of the write
 */
export function writeWhole(file: number, text: string, write: Write = writeSync): void {
  const bytes = Buffer.from(text)
  let done = 0
  try {
    while (done < bytes.length) done += write(file, bytes, done)
  } catch (error) {
    if (done > 0) ftruncateSync(file, fstatSync(file).size - done)
    throw error
  }
}
