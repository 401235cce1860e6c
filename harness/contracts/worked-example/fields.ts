import { z } from 'zod'
import type { Version } from '../../judge/recording/object-history.ts'

/* Fields that only the worked example's contracts read. */

const deployment = z.object({
  metadata: z.object({ generation: z.number().default(0) }).prefault({}),
  spec: z.object({ paused: z.boolean().default(false) }).prefault({}),
})

const container = z.object({ readinessProbe: z.unknown().optional(), startupProbe: z.unknown().optional() })

const pod = z.object({
  spec: z
    .object({
      schedulerName: z.string().default('default-scheduler'),
      containers: z.array(container).default([]),
      initContainers: z.array(z.unknown()).default([]),
      readinessGates: z.array(z.unknown()).default([]),
    })
    .prefault({}),
  status: z
    .object({
      containerStatuses: z
        .array(
          z.object({
            state: z
              .object({
                running: z.unknown().optional(),
                waiting: z.object({ reason: z.string().default('') }).nullish(),
                terminated: z.unknown().optional(),
              })
              .prefault({}),
          }),
        )
        .default([]),
    })
    .prefault({}),
})

const service = z.object({
  spec: z
    .object({ selector: z.record(z.string(), z.string()).nullish(), trafficDistribution: z.string().optional() })
    .prefault({}),
})

export function deploymentFields({ record }: Version<unknown>) {
  return deployment.parse(record.object)
}

export function podFields({ record }: Version<unknown>) {
  return pod.parse(record.object)
}

export function serviceFields({ record }: Version<unknown>) {
  return service.parse(record.object)
}
