import { formatWaits } from './output/long-waits.ts'
import type { Output } from './output/output.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** SIGINT, SIGTERM and SIGHUP as an AbortSignal. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal
  /** Stores the current step; a second signal reports it. */
  doing(text: string): void
}

/** Aborts on the first signal. Later signals only report the current step, so that no fault stays active. */
export function interruptible(
  { note }: Pick<Output, 'note'>,
  what = 'reverting faults and removing the cluster ...',
): Interrupt {
  const controller = new AbortController()
  let current = 'starting'
  const onSignal = (name: NodeJS.Signals) => {
    for (const line of formatWaits()) note(line)
    if (controller.signal.aborted)
      return note(
        `Still reverting and removing (last step: ${current}). Please wait. After a kill, \`holdfast clean\` removes the rest.`,
      )
    note(`${name}: ${what}`)
    controller.abort(new Error(`interrupted by ${name}`))
  }
  for (const name of signals) process.on(name, onSignal)
  return {
    signal: controller.signal,
    doing: (text) => void (current = text),
    [Symbol.dispose]: () => {
      for (const name of signals) process.off(name, onSignal)
    },
  }
}
