import { z } from 'zod'

const terminated = z.object({ containerID: z.string().default(''), finishedAt: z.string().nullish() }).prefault({})

/** The fields of a container's status that judges read. */
export const containerStatus = z.object({
  name: z.string().default(''),
  restartCount: z.number().default(0),
  containerID: z.string().default(''),
  state: z.object({ running: z.unknown() }).partial().prefault({}),
  lastState: z.object({ terminated }).prefault({}),
})
