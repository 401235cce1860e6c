import { z } from 'zod'
import { condition, metadata, numberOrShare, selector } from './object-fields.ts'

/** The objects whose controllers create and delete pods. */
export const workloadSchemas = {
  deployments: z.object({
    metadata,
    spec: z.object({
      replicas: z.number().default(1),
      selector,
      strategy: z
        .object({
          type: z.string().default('RollingUpdate'),
          rollingUpdate: z
            .object({ maxUnavailable: numberOrShare.default('25%'), maxSurge: numberOrShare.default('25%') })
            .prefault({}),
        })
        .prefault({}),
      progressDeadlineSeconds: z.number().default(600),
      template: z.unknown().optional(),
    }),
    status: z
      .object({
        observedGeneration: z.number().default(0),
        replicas: z.number().default(0),
        updatedReplicas: z.number().default(0),
        availableReplicas: z.number().default(0),
        conditions: z.array(condition).default([]),
      })
      .prefault({}),
  }),
  statefulsets: z.object({
    metadata,
    spec: z
      .object({
        replicas: z.number().default(1),
        ordinals: z.object({ start: z.number().default(0) }).prefault({}),
        podManagementPolicy: z.string().default('OrderedReady'),
        updateStrategy: z
          .object({
            type: z.string().default('RollingUpdate'),
            rollingUpdate: z.object({ partition: z.number().default(0) }).prefault({}),
          })
          .prefault({}),
      })
      .prefault({}),
    status: z
      .object({
        observedGeneration: z.number().default(0),
        currentRevision: z.string().default(''),
        updateRevision: z.string().default(''),
      })
      .prefault({}),
  }),
  replicasets: z.object({ metadata, spec: z.object({ replicas: z.number().default(1) }).prefault({}) }),
  jobs: z.object({
    metadata,
    spec: z
      .object({
        completions: z.number().optional(),
        parallelism: z.number().default(1),
        backoffLimit: z.number().default(6),
        backoffLimitPerIndex: z.number().optional(),
        suspend: z.boolean().default(false),
        podFailurePolicy: z.unknown().optional(),
        template: z
          .object({ spec: z.object({ restartPolicy: z.string().default('Always') }).prefault({}) })
          .prefault({}),
      })
      .prefault({}),
    status: z
      .object({
        succeeded: z.number().default(0),
        failed: z.number().default(0),
        conditions: z.array(condition).default([]),
      })
      .prefault({}),
  }),
} as const
