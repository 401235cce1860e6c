import { type Interval, overlaps } from './fault-windows.ts'
import type { Recording } from './recording.ts'
import { Undecided } from './undecided.ts'
import { duration } from './words.ts'

/**
 * Refuses to say that nothing failed in a time in which a prober did not run itself. `from` limits it to the probes of one
 * place. @throws Undecided
 */
export function needProbed(recording: Recording, time: Interval, from?: string): void {
  const blind = recording
    .of('gap')
    .filter(({ source, resource }) => resource.startsWith('probe ') && (from === undefined || source === from))
    .find(({ at, until }) => overlaps(time, { from: at, until }))
  if (blind)
    throw new Undecided(
      `The probes of ${blind.source} did not run for ${duration(blind.until - blind.at)} in a time that has to be judged.`,
    )
}
