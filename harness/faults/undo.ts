import { z } from 'zod'

/*
 * How a fault is undone by somebody who is not the process that injected it. Plain data: it goes to disk before anything is
 * touched, and the guardian carries it out when the harness is gone.
 */

const machine = z.string()

export const undoSchema = z.discriminatedUnion('do', [
  /** The machine's container is frozen, or has ended with its engine: nothing in it can undo anything before it runs. */
  z.object({ do: z.literal('unpause'), machine }),
  /** The machine's container has ended. */
  z.object({ do: z.literal('start'), machine }),
  /** The machine was not there before: its containers are removed. */
  z.object({ do: z.literal('remove'), machine }),
  /** The machine's agent holds a lease: a fresh agent finds it on the machine's disk and undoes it. */
  z.object({ do: z.literal('agent'), machine }),
  /** A command inside a machine that mends what is not in a machine (`kubectl uncordon`). It has to be idempotent. */
  z.object({ do: z.literal('exec'), machine, argv: z.array(z.string()).min(1) }),
])

export type Undo = z.infer<typeof undoSchema>
