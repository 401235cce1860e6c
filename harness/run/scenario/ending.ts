import { basename } from 'node:path'
import { errorMessage } from '../../common/error-message.mjs'
import { HoldfastError } from '../../common/errors.ts'
import type { RecordOf } from '../../record/records.ts'

/** How a scenario ended, for its last record. */
export interface Ending {
  readonly outcome: NonNullable<RecordOf<'scenario'>['outcome']>
  readonly reason?: string
  /** `my-scenario.ts:12`: where the scenario's code threw. */
  readonly where?: string
}

/** Outcomes of errors with a code that are not harness errors. */
const outcomes: Readonly<Record<string, Ending['outcome'] | undefined>> = {
  HF_NOT_APPLICABLE: 'not-applicable',
  HF_FAULT_UNAVAILABLE: 'refused',
  HF_FAULT_UNPROVEN: 'fault-unproven',
  HF_SCENARIO_DEADLINE: 'timed-out',
}

/** Returns the ending for an error that a scenario did not catch. Errors without a code come from the scenario's own code. */
export function endingOf(error: unknown): Ending {
  const reason = errorMessage(error)
  const where = locationOf(error)
  const place = where === undefined ? {} : { where }
  if (error instanceof HoldfastError) return { outcome: outcomes[error.code] ?? 'harness-error', reason, ...place }
  return { outcome: 'script-error', reason, ...place }
}

/** Returns the innermost stack frame in a scenario's file, of the error or of its causes. */
function locationOf(error: unknown): string | undefined {
  for (let one = error; one instanceof Error; one = one.cause) {
    for (const line of one.stack?.split('\n') ?? []) {
      const frame = /(?:file:\/\/)?(\/[^():]+\.[cm]?[jt]s):(\d+)(?::\d+)?\)?$/.exec(line)
      const [, path = '', number = ''] = frame ?? []
      if (path === '' || path.startsWith(harnessFolder) || path.includes('/node_modules/')) continue
      return `${basename(path)}:${number}`
    }
  }
  return undefined
}

const harnessFolder = new URL('../..', import.meta.url).pathname
