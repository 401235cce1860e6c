import { randomUUID } from 'node:crypto'
import { rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { errorMessage } from '../harness/common/error-message.mjs'
import { HoldfastError } from '../harness/common/errors.ts'

/**
 * Replaces `path` in one step: readers never see half a report, and a full disk leaves the old one intact.
 * @throws HoldfastError `HF_REPORT_WRITE`
 */
export async function writeAtomically(path: string, content: string): Promise<void> {
  const temporary = join(dirname(path), `.${basename(path)}.${randomUUID().slice(0, 8)}.tmp`)
  try {
    await writeFile(temporary, content, { flush: true, flag: 'wx' })
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true }).catch(() => {})
    const why = errorMessage(cause)
    throw new HoldfastError('HF_REPORT_WRITE', `Can't write the report ${path}: ${why}.`, {
      hint: 'Check that the folder exists and is writable and that the disk has free space. Then run `holdfast report <run>`. The journal is intact.',
      cause,
    })
  }
}
