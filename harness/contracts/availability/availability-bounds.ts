import type { Bound } from '../../judge/verdict/verdict.ts'

/** The share of tries that may fail where no fault is in force; nothing documents one. */
const mostFailed = 0.01

/** So few failures show no share. */
const fewFailures = 2

/** How many of some tries may fail. */
export function failuresAllowed(tries: number): Bound {
  return {
    limit: Math.max(fewFailures, Math.floor(mostFailed * tries)),
    unit: 'count',
    source: `${100 * mostFailed} % of ${tries} tries, and at least ${fewFailures}, as an allowance: nothing documents one`,
  }
}

/** The share of tries that may fail while the host is busy; past it they show too little. */
const mostDoubtful = 0.1

/** How many of some tries may be of unknown cause. */
export function doubtAllowed(tries: number): number {
  return Math.max(fewFailures, Math.floor(mostDoubtful * tries))
}

/** The longest time without an answer where no fault is in force: TCP sends a lost packet again after as long. */
export const longestGap: Bound = {
  limit: 1_000,
  unit: 'ms',
  source: 'a client that sends again after 1 s (the first retransmission of TCP) must be answered, as an allowance',
}

/** The longest time without an answer that host noise may explain; past it the probes show too little. */
export const longestDoubt = 2 * longestGap.limit
