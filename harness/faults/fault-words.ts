import type { AnyFaultKind } from './fault-kind.ts'

export interface OptionWords {
  readonly name: string
  readonly describe: string
  /** As JSON; missing where there is none and the option may be left out, or has to be given. */
  readonly default?: string
  readonly required: boolean
}

/** The options of a fault as people read them. */
export function optionsInWords({ options }: AnyFaultKind): OptionWords[] {
  return Object.entries(options.shape).map(([name, field]) => {
    const absent = field.safeParse(undefined)
    return {
      name,
      describe: field.description ?? '',
      required: !absent.success,
      ...(absent.success && absent.data !== undefined ? { default: JSON.stringify(absent.data) } : {}),
    }
  })
}
