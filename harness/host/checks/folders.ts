import { accessSync, constants, statSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { HoldfastError } from '../../common/errors.ts'

/** Returns why a folder is not writable, or undefined. For a missing folder, its nearest existing parent decides. */
export function whyNotWritable(folder: string): string | undefined {
  const path = resolve(folder)
  try {
    if (!statSync(path).isDirectory()) return `${path} is not a folder`
    accessSync(path, constants.W_OK | constants.X_OK)
    return undefined
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' && dirname(path) !== path) return whyNotWritable(dirname(path))
    // A parent is a file: its own check gives the path.
    if (code === 'ENOTDIR') return whyNotWritable(dirname(path))
    return message
  }
}

/**
 * Refuses an unwritable folder before any work. `hint` names the setting.
 * @throws HoldfastError HF_FOLDER
 */
export function refuseUnwritable(folder: string, hint: string): void {
  const why = whyNotWritable(folder)
  if (why === undefined) return
  throw new HoldfastError('HF_FOLDER', `The folder ${folder} can't be written: ${why}.`, { hint, exitCode: 64 })
}
