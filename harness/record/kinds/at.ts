import { z } from 'zod'

/** Milliseconds on the host's monotonic clock (see ../clock.ts), stamped where it happened. */
export const at = z.number()
