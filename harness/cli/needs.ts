import { HoldfastError } from '../errors.ts'
import { oneLine, type Check } from '../host/check.ts'
import { hostChecks } from '../host/checks.ts'
import { refuseUnusableChoice } from '../host/pinned-engine.ts'
import { imageCheck } from './image-check.ts'

/** Every need of this machine, the machine image's among them. */
export async function allChecks(): Promise<Check[]> {
  const image = await imageCheck()
  return [...(await hostChecks({ imagePresent: image.ok === true })), image]
}

/**
 * Ends a run before it begins when it could not end well.
 * @throws HoldfastError HF_HOST with one line for each unmet need; what `refuseUnusableChoice` throws
 */
export async function refuseUnmetNeeds(): Promise<void> {
  refuseUnusableChoice()
  const unmet = (await allChecks()).filter(({ ok }) => ok === false)
  if (unmet.length === 0) return
  throw new HoldfastError('HF_HOST', unmet.map(oneLine).join('\n'), {
    hint: 'The whole list: npm run holdfast -- doctor',
  })
}
