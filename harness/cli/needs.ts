import { HoldfastError } from '../errors.ts'
import { oneLine, type Check } from '../host/check.ts'
import { hostChecks } from '../host/checks.ts'
import { refuseUnwritable } from '../host/folders.ts'
import { refuseUnusableChoice } from '../host/pinned-engine.ts'
import { writableCacheFolder } from '../images/cache.ts'
import { imageCheck } from './image-check.ts'

/** Every need of this machine, the machine image's among them. */
export async function allChecks(): Promise<Check[]> {
  return checksWith(await imageCheck())
}

async function checksWith(image: Check): Promise<Check[]> {
  return [...(await hostChecks({ imagePresent: image.ok === true })), image]
}

/**
 * Ends a run before it begins when it could not end well.
 * @throws HoldfastError HF_HOST with one line for each unmet need; HF_FOLDER; what `refuseUnusableChoice` throws
 */
export async function refuseUnmetNeeds({ out }: { readonly out: string }): Promise<void> {
  refuseUnusableChoice()
  refuseUnwritable(out, 'Choose another one with --out, HOLDFAST_OUT, or `out` in the configuration file.')
  const image = await imageCheck()
  const unmet = (await checksWith(image)).filter(({ ok }) => ok === false)
  if (unmet.length === 0) {
    if (image.ok !== true) writableCacheFolder()
    return
  }
  throw new HoldfastError('HF_HOST', unmet.map(oneLine).join('\n'), {
    hint: 'The whole list: npm run holdfast -- doctor',
  })
}
