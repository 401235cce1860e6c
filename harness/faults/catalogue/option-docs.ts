import type { AnyFaultKind } from '../engine/fault-kind.ts'

export interface OptionDoc {
  readonly name: string
  readonly describe: string
  /** As JSON; absent for a required option, and for an optional one without a default. */
  readonly default?: string
  readonly required: boolean
}

/** Describes the options of a fault. */
export function optionDocs({ options }: AnyFaultKind): OptionDoc[] {
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
