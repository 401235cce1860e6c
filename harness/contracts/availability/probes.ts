import { availability } from '../../judge/availability/availability.ts'
import { attemptsAsTries } from '../../judge/availability/tries.ts'
import type { Finding } from '../../judge/contract.ts'
import { noisyTimes } from '../../judge/coverage/host-noise.ts'
import { requireProbedWhole } from '../../judge/coverage/probe-coverage.ts'
import { byProbe } from '../../judge/coverage/probe-gaps.ts'
import type { Interval } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { RecordOf } from '../../record/records.ts'
import { type Used, areAvailable } from './available.ts'

type Attempt = RecordOf<'attempt'>

/** The use of a Service, with the times in which it had to be answered. */
export interface Probe extends Used {
  readonly attempts: readonly Attempt[]
  readonly times: readonly Interval[]
}

/** Every probe of one Service with attempts in the times that `timesOf` returns for its first attempt. */
export function probesOf(
  recording: Recording,
  service: string,
  attempts: readonly Attempt[],
  timesOf: (first: Attempt) => readonly Interval[],
): Probe[] {
  const noisy = noisyTimes(recording)
  return [...byProbe(attempts)].flatMap(([probe, own]) => {
    const [first] = own
    if (!first) return []
    const times = timesOf(first)
    const shown = availability(attemptsAsTries(own), times, noisy)
    return shown.tries > 0 ? [{ what: `${service} from ${probe}`, shown, attempts: own, times }] : []
  })
}

/** @throws InconclusiveError HOST_NOISE, and NOT_PROBED where a prober did not run in all of its times */
export function areAnswered(recording: Recording, probes: readonly [Probe, ...Probe[]]): Finding {
  const finding = areAvailable(recording, probes)
  if (finding.status === 'pass')
    for (const { attempts, times } of probes) requireProbedWhole(recording, attempts, times)
  return finding
}
