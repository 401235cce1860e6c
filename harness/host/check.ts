/** One need of this machine, as `doctor` shows it. `ok` is 'warn' where the run goes on without it, but worse. */
export interface Check {
  readonly name: string
  readonly ok: boolean | 'warn'
  /** What is there. */
  readonly found: string
  /** What is asked for, and why. */
  readonly needed: string
  /** What to do about it, as an imperative sentence; '' when nothing is to do. */
  readonly mend: string
}

/** A check whose `mend` counts only when it is not met. */
export function check(
  name: string,
  ok: boolean | 'warn',
  texts: { found: string; needed: string; mend: string },
): Check {
  return { name, ok, found: texts.found, needed: texts.needed, mend: ok === true ? '' : texts.mend }
}

/** An unmet need as one line: what, why, how to mend. */
export function oneLine({ name, found, needed, mend }: Check): string {
  return `${name}: ${found}; needed: ${needed}. ${mend}`
}
