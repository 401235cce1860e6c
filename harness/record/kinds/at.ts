import { z } from 'zod'

/** Milliseconds on the host's monotonic clock (see ../clock.ts), read where the event happened. */
export const at = z.number()
