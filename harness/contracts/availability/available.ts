import type { Availability } from '../../judge/availability/availability.ts'
import type { Finding } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { hostFigures } from '../../judge/coverage/host-noise.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { doubtAllowed, failuresAllowed, longestDoubt, longestGap } from './availability-bounds.ts'

/** One place and way of use, with what its tries show outside of every excuse. */
export interface Used {
  /** What was used and from where: `hf-x/web from worker1 tcp`. */
  readonly what: string
  readonly shown: Availability
}

interface Failures {
  readonly what: string
  readonly failed: number
  readonly tries: number
  readonly doubtful: number
  readonly longestMs: number
}

interface Available {
  readonly probes: number
  readonly tries: number
  readonly failed: number
  readonly doubtful: number
  readonly longestMs: number
}

const found = findings({
  UNAVAILABLE: ({ what, failed, tries, longestMs }: Failures) =>
    `${what}: no answer for at least ${duration(longestMs)} outside of every fault (${failed} of ${counted(tries, 'try', 'tries')} failed).`,
  TRIES_FAILED: ({ what, failed, tries }: Failures) =>
    `${what}: ${failed} of ${counted(tries, 'try', 'tries')} outside of every fault failed.`,
  AVAILABLE: ({ probes, tries, failed, doubtful, longestMs }: Available) =>
    `${counted(tries, 'try', 'tries')} of ${counted(probes, 'probe')} outside of every fault: ${failed} failed, ${doubtful} of unknown cause while the host was busy; the longest gap was ${duration(longestMs)}.`,
})

/**
 * Judges each use by itself, and returns the gravest finding or the pass over all.
 * @throws InconclusiveError HOST_NOISE where only failures in a time of host noise break a bound
 */
export function areAvailable(recording: Recording, uses: readonly [Used, ...Used[]]): Finding {
  const worst = gravest(uses, (use) => isAvailable(recording, use))
  return worst.status === 'pass' ? allAvailable(uses.map(({ shown }) => shown)) : worst
}

function isAvailable(recording: Recording, { what, shown }: Used): Finding {
  const { tries, failed, doubtful, longestMs, longestDoubtfulMs, failures } = shown
  const allowed = failuresAllowed(tries)
  const values = { what, failed, tries, doubtful, longestMs }
  const [first] = failures
  const details = {
    observed: `${failed} of ${tries} failed`,
    moments: first ? [{ at: first.at, label: `${what}: the first failure` }] : [],
    evidence: failures.map(({ record }) => record),
  }
  if (longestMs > longestGap.limit)
    return found.fail('UNAVAILABLE', values, { ...details, measured: longestMs, bound: longestGap })
  if (failed > allowed.limit)
    return found.fail('TRIES_FAILED', values, { ...details, measured: failed, bound: allowed })
  if (failed + doubtful > doubtAllowed(tries) || longestDoubtfulMs > longestDoubt) {
    const figures = hostFigures(recording, span(recording))
    throw new InconclusiveError(
      `${what}: ${doubtful} of ${tries} tries failed while the host was busy (up to ${String(figures['runnable'])} processes ready to run).`,
      'HOST_NOISE',
      { ...values, longestDoubtfulMs, ...figures },
    )
  }
  return allAvailable([shown])
}

function allAvailable(shown: readonly Availability[]): Finding {
  const sum = (of: 'tries' | 'failed' | 'doubtful'): number => shown.reduce((all, one) => all + one[of], 0)
  const [tries, failed, doubtful] = [sum('tries'), sum('failed'), sum('doubtful')]
  const longestMs = Math.max(0, ...shown.map((one) => one.longestMs))
  return found.pass(
    'AVAILABLE',
    { probes: shown.length, tries, failed, doubtful, longestMs },
    { observed: `${failed} of ${tries} tries failed`, measured: longestMs, bound: longestGap },
  )
}
