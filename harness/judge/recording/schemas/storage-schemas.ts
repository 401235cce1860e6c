import { z } from 'zod'
import { nodeSelectorTerm } from './placement-rules.ts'

/** Volumes and the claims that pods use them by. */
export const storageSchemas = {
  persistentvolumes: z.object({
    spec: z
      .object({
        nodeAffinity: z
          .object({ required: z.object({ nodeSelectorTerms: z.array(nodeSelectorTerm).default([]) }).optional() })
          .prefault({}),
      })
      .prefault({}),
  }),
  persistentvolumeclaims: z.object({ spec: z.object({ volumeName: z.string().default('') }).prefault({}) }),
} as const

/** A volume of a pod; other kinds than claims have no rule about Nodes. */
export const podVolume = z.object({ persistentVolumeClaim: z.object({ claimName: z.string() }).optional() })
