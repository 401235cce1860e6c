import { HoldfastError } from '../../common/errors.ts'
import { oneLine, type Check } from '../../host/checks/check.ts'
import { hostChecks } from '../../host/checks/checks.ts'
import { refuseUnwritable } from '../../host/checks/folders.ts'
import { refuseUnusableChoice } from '../../host/engine/pinned-engine.ts'
import { writableCacheFolder } from '../../images/cache/cache.ts'
import { imageCheck } from '../commands/image-check.ts'

/** Checks every requirement, the machine image included. */
export async function allChecks(): Promise<Check[]> {
  return checksWith(await imageCheck())
}

async function checksWith(image: Check): Promise<Check[]> {
  return [...(await hostChecks({ imagePresent: image.ok === true })), image]
}

/**
 * Refuses a run on a machine that does not meet the requirements.
 * @throws HoldfastError HF_HOST with one line for each unmet requirement; HF_FOLDER; errors of `refuseUnusableChoice`
 */
export async function preflight({ out }: { readonly out: string }): Promise<void> {
  refuseUnusableChoice()
  refuseUnwritable(out, 'Choose a writable folder with --out, HOLDFAST_OUT or `out` in the configuration file.')
  const image = await imageCheck()
  const unmet = (await checksWith(image)).filter(({ ok }) => ok === false)
  if (unmet.length === 0) {
    if (image.ok !== true) writableCacheFolder()
    return
  }
  throw new HoldfastError('HF_HOST', unmet.map(oneLine).join('\n'), {
    hint: 'Check every requirement: npm run holdfast -- doctor',
  })
}
