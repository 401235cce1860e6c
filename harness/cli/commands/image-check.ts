import { check, type Check } from '../../host/checks/check.ts'

/** Checks for the machine image. Its absence is only a warning: a run pulls or builds it. */
export async function imageCheck(): Promise<Check> {
  const { imageStatus } = await import('../../images/cache/status.ts')
  const status = await imageStatus().catch(() => undefined)
  return check('machine image', status?.present ? true : 'warn', {
    found: status?.present
      ? status.reference
      : `absent${status ? `; ${status.built} of ${status.builds} builds are cached` : ''}`,
    needed: 'the image that every machine runs',
    fix: 'Nothing to do: the first run pulls or builds it (up to 20 minutes). To do it now: holdfast images build',
  })
}
