import { z } from 'zod'

/* Fields that objects of several resources have. */

const owner = z.object({ kind: z.string(), name: z.string(), uid: z.string(), controller: z.boolean().optional() })

export const metadata = z
  .object({
    labels: z.record(z.string(), z.string()).default({}),
    annotations: z.record(z.string(), z.string()).default({}),
    deletionTimestamp: z.string().optional(),
    deletionGracePeriodSeconds: z.number().nullish(),
    finalizers: z.array(z.string()).default([]),
    generation: z.number().default(0),
    ownerReferences: z.array(owner).default([]),
  })
  .prefault({})

export const condition = z.object({
  type: z.string(),
  status: z.string(),
  reason: z.string().optional(),
  message: z.string().optional(),
  lastUpdateTime: z.string().nullish(),
  lastHeartbeatTime: z.string().nullish(),
})
export const requirement = z.object({ key: z.string(), operator: z.string(), values: z.array(z.string()).default([]) })
export const selector = z
  .object({
    matchLabels: z.record(z.string(), z.string()).default({}),
    matchExpressions: z.array(requirement).default([]),
  })
  .prefault({})

export const numberOrShare = z.union([z.number(), z.string()])
