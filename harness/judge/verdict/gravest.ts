import type { Finding } from '../contract.ts'
import { InconclusiveError } from './inconclusive.ts'
import { severity } from './severity.ts'

/**
 * Judges each occurrence of a stimulus and returns the gravest finding; among equals the one with the smallest margin
 * to its bound. Missing evidence for one occurrence does not hide a failure of another one.
 * @throws InconclusiveError where an occurrence can't be judged and no other one is worse
 */
export function gravest<S>(stimuli: readonly [S, ...S[]], judge: (stimulus: S) => Finding): Finding {
  const results = stimuli.map((stimulus) => attempt(() => judge(stimulus)))
  const found = results.flatMap((result) => (result instanceof InconclusiveError ? [] : [result]))
  const missing = results.find((result) => result instanceof InconclusiveError)
  const [worst] = found.toSorted((a, b) => rank(b) - rank(a) || slack(a) - slack(b))
  if (missing && (!worst || rank(worst) < severity.indexOf('inconclusive'))) throw missing
  return worst as Finding
}

/**
 * The gravest breach that some checks find. What one of them lacks hides nothing that another one shows.
 * @throws InconclusiveError where a check can't be made and none finds a breach
 */
export function firstBreach(...checks: readonly (() => Finding | undefined)[]): Finding | undefined {
  const results = checks.map((check) => attempt(check))
  const found = results.flatMap((result) =>
    result === undefined || result instanceof InconclusiveError ? [] : [result],
  )
  const [worst] = found.toSorted((a, b) => rank(b) - rank(a))
  const missing = results.find((result) => result instanceof InconclusiveError)
  if (missing && !worst) throw missing
  return worst
}

function attempt<F extends Finding | undefined>(judge: () => F): F | InconclusiveError {
  try {
    return judge()
  } catch (error) {
    if (error instanceof InconclusiveError) return error
    throw error
  }
}

function rank({ status }: Finding): number {
  return severity.indexOf(status)
}

function slack({ measured, bound }: Finding): number {
  return measured === undefined || bound?.unit !== 'ms' ? Infinity : bound.limit - measured
}
