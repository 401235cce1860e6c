import { InconclusiveError } from '../judge/verdict/inconclusive.ts'
import type { Recording } from '../judge/recording/recording.ts'
import type { BoundSetting } from './bound-settings.ts'
import { type Reading, readings, setting, type Setting, type SettingQuery } from './live-settings.ts'

/** Live values that are outside of the setting's range, or not a duration. */
export function outOfRange(recording: Recording, wanted: BoundSetting): Reading[] {
  return readings(recording, wanted).filter(({ machine, ms }) => {
    const other = (query: SettingQuery): number => {
      const machineOfIt = query.component === wanted.component ? { machine } : {}
      return setting(recording, { ...query, ...machineOfIt }).ms
    }
    return !wanted.allows(ms, other)
  })
}

/**
 * A live setting that a bound follows. @throws InconclusiveError BOUND_OUT_OF_RANGE for a value outside of its range
 */
export function followed(recording: Recording, wanted: BoundSetting): Setting {
  const [wrong] = outOfRange(recording, wanted)
  if (!wrong) return setting(recording, wanted)
  const { range, reference } = wanted
  throw new InconclusiveError(
    `The bound would follow ${wrong.source}, which is out of range: ${range} (${reference}).`,
    'BOUND_OUT_OF_RANGE',
    { setting: wrong.source, value: wrong.value, machine: wrong.machine, range },
  )
}
