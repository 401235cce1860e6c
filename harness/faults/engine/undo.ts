import { z } from 'zod'

/*
 * How a process other than the injecting one reverts a fault. Plain data: it is stored before the injection, and the guardian
 * applies it when the harness is gone.
 */

const machine = z.string()

export const undoSchema = z.discriminatedUnion('do', [
  /** Thaws the machine's container, or starts it when it has ended with its engine. */
  z.object({ do: z.literal('unpause'), machine }),
  /** Starts the machine's container. */
  z.object({ do: z.literal('start'), machine }),
  /** Removes the containers of a machine that the fault has added. */
  z.object({ do: z.literal('remove'), machine }),
  /** Starts an agent, which finds the fault on the machine's disk and reverts it. */
  z.object({ do: z.literal('agent'), machine }),
  /** Runs an idempotent command in a machine, for faults outside of machines (`kubectl uncordon`). */
  z.object({ do: z.literal('exec'), machine, argv: z.array(z.string()).min(1) }),
])

export type Undo = z.infer<typeof undoSchema>
