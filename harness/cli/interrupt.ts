import { formatWaits } from './long-waits.ts'
import type { Output } from './output.ts'

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

/** Ctrl-C as an AbortSignal, for one piece of work. */
export interface Interrupt extends Disposable {
  readonly signal: AbortSignal
  /** Remembers what is going on, so that an impatient second Ctrl-C is told what it would spoil. */
  doing(text: string): void
}

/** The first signal aborts; later ones only say what is being undone, because leaving a fault in force is the one thing we never do. */
export function interruptible(
  { note }: Pick<Output, 'note'>,
  what = 'healing faults and removing the cluster ...',
): Interrupt {
  const controller = new AbortController()
  let current = 'starting'
  const onSignal = (name: NodeJS.Signals) => {
    for (const line of formatWaits()) note(line)
    if (controller.signal.aborted)
      return note(
        `Still healing and removing (last: ${current}). Please wait; after a kill, holdfast clean removes the rest.`,
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
