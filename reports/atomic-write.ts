import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { HoldfastError } from '../harness/errors.ts'

/**
 * Replaces `path` in one step, so a reader never meets half a report and a full disk never costs the old one.
 * @throws HoldfastError `HF_REPORT_WRITE` when it can't be written.
 */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`)
  try {
    await writeFile(temporary, content, { flush: true, flag: 'wx' })
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {})
    const why = cause instanceof Error ? cause.message : String(cause)
    throw new HoldfastError('HF_REPORT_WRITE', `The report ${path} could not be written: ${why}.`, {
      hint: 'Check that the folder is there and yours and that the disk has room; then run: holdfast report <run>. The journal is untouched.',
      cause,
    })
  }
}
