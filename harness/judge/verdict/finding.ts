import type { Finding } from '../contract.ts'
import type { Bound, FindingValues, Status } from './verdict.ts'

type Details = Omit<Finding, 'status' | 'code' | 'values' | 'reason'>
type Untimed = Omit<Details, 'measured' | 'bound'>

/** A contract's sentences by finding code; each generates the reason from the finding's values. */
type Sentences = Readonly<Record<string, (values: never) => string>>
type Values<T extends Sentences, C extends keyof T> = Parameters<T[C]>[0] & FindingValues

export interface Findings<T extends Sentences> {
  pass<C extends keyof T & string>(code: C, values: Values<T, C>, details: Details): Finding
  fail<C extends keyof T & string>(code: C, values: Values<T, C>, details: Details): Finding
  /** For an event that came after its bound. An event that never came, or a state that was lost again, is a failure. */
  late<C extends keyof T & string>(code: C, values: Values<T, C>, details: Details): Finding
  /** `pass` within the bound, `late` after it; both sentences take the same values. */
  timed<P extends keyof T & string, L extends keyof T & string>(
    codes: { readonly pass: P; readonly late: L },
    values: Values<T, P> & Values<T, L>,
    measured: number,
    bound: Bound,
    details: Untimed,
  ): Finding
}

/** The findings of one contract. Codes are upper case and stable: scripts and tests depend on them. */
export function findings<const T extends Sentences>(sentences: T): Findings<T> {
  const finding = <C extends keyof T & string>(status: Status, code: C, values: FindingValues, details: Details) => ({
    status,
    code,
    values,
    reason: (sentences[code] as (values: FindingValues) => string)(values),
    ...details,
  })
  return {
    pass: (code, values, details) => finding('pass', code, values, details),
    fail: (code, values, details) => finding('fail', code, values, details),
    late: (code, values, details) => finding('late', code, values, details),
    timed: (codes, values, measured, bound, details) =>
      measured <= bound.limit
        ? finding('pass', codes.pass, values, { ...details, measured, bound })
        : finding('late', codes.late, values, { ...details, measured, bound }),
  }
}
