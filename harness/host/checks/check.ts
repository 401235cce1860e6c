/** One requirement of this host, as `doctor` shows it. `ok` is 'warn' where a run continues with limits. */
export interface Check {
  readonly name: string
  readonly ok: boolean | 'warn'
  /** The actual state. */
  readonly found: string
  /** The requirement and its reason. */
  readonly needed: string
  /** What to do, as an imperative sentence; '' when the requirement is met. */
  readonly mend: string
}

/** Makes a check; drops `mend` when the requirement is met. */
export function check(
  name: string,
  ok: boolean | 'warn',
  texts: { found: string; needed: string; mend: string },
): Check {
  return { name, ok, found: texts.found, needed: texts.needed, mend: ok === true ? '' : texts.mend }
}

/** Formats an unmet requirement as one line: state, requirement, fix. */
export function oneLine({ name, found, needed, mend }: Check): string {
  return `${name}: ${found}; needed: ${needed}. ${mend}`
}
