import { z } from 'zod'
import { HoldfastError } from '../../common/errors.ts'
import { faultKinds } from './catalogue.ts'
import type { Fault } from '../engine/fault.ts'
import type { AnyFaultKind, FaultKind, FaultStage, Targets } from '../engine/fault-kind.ts'
import { targetsOf } from '../targets/target-words.ts'
import type { Choose } from '../targets/targets.ts'

export interface FaultWords {
  readonly fault: string
  readonly target: string
  /** `name=value`; a value that is not JSON is a string. */
  readonly options: readonly string[]
}

/**
 * Creates faults from command-line arguments, one for each target, without side effects.
 * @throws HoldfastError HF_UNKNOWN_FAULT, HF_BAD_OPTION, and errors of `targetsOf`
 */
export async function makeFaults(words: FaultWords, stage: FaultStage, choose: Choose): Promise<readonly Fault[]> {
  const kind = faultKindNamed(words.fault)
  const options = optionsOf(kind, words.options)
  return make(kind as FaultKind<keyof Targets, z.ZodObject>, words.target, options, stage, choose)
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
function optionsOf(kind: AnyFaultKind, words: readonly string[]): Record<string, unknown> {
  const given = Object.fromEntries(
    words.map((word) => {
      const at = word.indexOf('=')
      if (at < 1) throw badOption(kind, `expected name=value, got "${word}"`)
      return [word.slice(0, at), valueOf(word.slice(at + 1))]
    }),
  )
  const { success, data, error } = kind.options.strict().safeParse(given)
  if (success) return data
  throw badOption(kind, z.prettifyError(error).replaceAll('\n', ' '))
}

function valueOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

function badOption({ name, options }: AnyFaultKind, why: string): HoldfastError {
  const known = Object.entries(options.shape).map(([option, field]) => `${option} (${field.description ?? ''})`)
  return new HoldfastError('HF_BAD_OPTION', `Invalid option for ${name}: ${why}.`, {
    hint: known.length > 0 ? `Options of ${name}: ${known.join(', ')}.` : `${name} has no options.`,
    exitCode: 64,
  })
}

async function make(
  kind: FaultKind<keyof Targets, z.ZodObject>,
  target: string,
  options: Record<string, unknown>,
  stage: FaultStage,
  choose: Choose,
): Promise<readonly Fault[]> {
  const targets = await targetsOf(kind.hits, target, stage.cluster, choose)
  return targets.map((one) => kind.make(one, options, stage))
}
