import { statSync } from 'node:fs'

/*
 * Absent is not unreadable. Only a kernel's error for a missing thing counts as absence, which can confirm an effect or its
 * end. Every other read error stays an error and proves nothing.
 */

/** No such path; no such process; a cgroup that was removed during the read. */
const absent: readonly (string | undefined)[] = ['ENOENT', 'ESRCH', 'ENODEV']

export function isAbsent(error: unknown): boolean {
  return absent.includes((error as NodeJS.ErrnoException | undefined)?.code)
}

/** Resolves to undefined when the thing read is absent. @throws when it can't be read */
export async function unlessAbsent<T>(reading: Promise<T>): Promise<T | undefined> {
  try {
    return await reading
  } catch (error) {
    if (isAbsent(error)) return undefined
    throw error
  }
}

/** Returns whether a path exists; `existsSync` would return false for an unreadable one. @throws when it can't be checked */
export function exists(path: string): boolean {
  try {
    statSync(path)
    return true
  } catch (error) {
    if (isAbsent(error)) return false
    throw error
  }
}
