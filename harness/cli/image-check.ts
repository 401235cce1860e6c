import { check, type Check } from '../host/check.ts'

/** Whether the machine image is here. When it is not, a run pulls or builds it, so its absence is a warning at most. */
export async function imageCheck(): Promise<Check> {
  const { imageStatus } = await import('../images/status.ts')
  const status = await imageStatus().catch(() => undefined)
  return check('machine image', status?.present ? true : 'warn', {
    found: status?.present
      ? status.reference
      : `not here${status ? `; ${status.built} of ${status.builds} builds are in the cache` : ''}`,
    needed: 'the image that every machine runs',
    mend: 'Nothing to do: the first run pulls or builds it (up to 20 minutes). Beforehand: holdfast images build',
  })
}
