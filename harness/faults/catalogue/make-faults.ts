import { HoldfastError } from '../../common/errors.ts'
import { faultKinds } from './catalogue.ts'
import type { Fault } from '../engine/fault.ts'
import { badOption, createFault, validOptions } from '../engine/create-fault.ts'
import type { AnyFaultKind, FaultContext } from '../engine/fault-kind.ts'
import { targetsOf } from '../targets/target-selector.ts'
import type { Choose } from '../targets/targets.ts'

export interface FaultArguments {
  readonly fault: string
  readonly target: string
  /** `name=value`; a value that is not JSON is a string. */
  readonly options: readonly string[]
}

/**
 * Creates faults from command-line arguments, one for each target, without side effects.
 * @throws HoldfastError HF_UNKNOWN_FAULT, HF_BAD_OPTION, and errors of `targetsOf`
 */
export async function makeFaults(
  args: FaultArguments,
  context: FaultContext,
  choose: Choose,
): Promise<readonly Fault[]> {
  const kind = faultKindNamed(args.fault)
  const options = optionsOf(kind, args.options)
  validOptions(kind, options)
  const targets = await targetsOf(kind.hits, args.target, context.cluster, choose)
  return targets.map((target) => createFault(kind, target, options, context))
}

/** @throws HoldfastError HF_UNKNOWN_FAULT */
export function faultKindNamed(name: string): AnyFaultKind {
  const kind = faultKinds.find((one) => one.name === name)
  if (kind) return kind
  throw new HoldfastError('HF_UNKNOWN_FAULT', `There is no fault "${name}".`, {
    hint: `Choose one of ${faultKinds.map((one) => one.name).join(', ')}.`,
    exitCode: 64,
  })
}

/** @throws HoldfastError HF_BAD_OPTION */
function optionsOf(kind: AnyFaultKind, args: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(
    args.map((word) => {
      const at = word.indexOf('=')
      if (at < 1) throw badOption(kind, `expected name=value, got "${word}"`)
      return [word.slice(0, at), valueOf(word.slice(at + 1))]
    }),
  )
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
