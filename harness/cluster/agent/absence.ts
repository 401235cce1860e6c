import { statSync } from 'node:fs'

/*
 * Absent is not unreadable: what is gone is evidence that a fault has bitten, or has ended; what can't be read is evidence of
 * nothing. Only what a kernel says of a thing that is not there counts as absence, every other error stays one.
 */

/** No such path; no such process; a control group that was removed while it was read. */
const absent: readonly (string | undefined)[] = ['ENOENT', 'ESRCH', 'ENODEV']

export function isAbsent(error: unknown): boolean {
  return absent.includes((error as NodeJS.ErrnoException | undefined)?.code)
}

/** Undefined where what is read is not there. @throws when it can't be read */
export async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** Whether there is something at a path; `existsSync` says no to whatever it can't look at. @throws when it can't be looked at */
export function exists(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}
