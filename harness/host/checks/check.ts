/** One requirement of this host, as `doctor` shows it. `ok` is 'warn' where a run continues with limits. */
export interface Check {
  readonly name: string
  readonly ok: boolean | 'warn'
  /** The actual state. */
  readonly found: string
  /** The requirement and its reason. */
  readonly needed: string
  /** What to do, as an imperative sentence; '' when the requirement is met. */
  readonly fix: string
}

/** Makes a check; drops `fix` when the requirement is met. */
export function check(
  name: string,
  ok: boolean | 'warn',
  texts: { found: string; needed: string; fix: string },
): Check {
  return { name, ok, found: texts.found, needed: texts.needed, fix: ok === true ? '' : texts.fix }
}

/** Formats an unmet requirement as one line: state, requirement, fix. */
export function oneLine({ name, found, needed, fix }: Check): string {
  return `${name}: ${found}; needed: ${needed}. ${fix}`
}
