import { z } from 'zod'
import { requirement, selector } from './object-fields.ts'

/* The rules for the placement of a pod, with the fields that judges read. */

export const nodeSelectorTerm = z.object({
  matchExpressions: z.array(requirement).default([]),
  matchFields: z.array(requirement).default([]),
})

const podAffinityTerm = z.object({
  topologyKey: z.string(),
  labelSelector: selector.unwrap().optional(),
  namespaces: z.array(z.string()).default([]),
  namespaceSelector: selector.unwrap().optional(),
})

export const topologySpreadConstraint = z.object({
  topologyKey: z.string(),
  maxSkew: z.number(),
  minDomains: z.number().default(1),
  whenUnsatisfiable: z.string(),
  labelSelector: selector.unwrap().optional(),
  nodeAffinityPolicy: z.string().default('Honor'),
  nodeTaintsPolicy: z.string().default('Ignore'),
})

export const affinity = z
  .object({
    nodeAffinity: z
      .object({
        requiredDuringSchedulingIgnoredDuringExecution: z
          .object({ nodeSelectorTerms: z.array(nodeSelectorTerm).default([]) })
          .optional(),
      })
      .prefault({}),
    podAntiAffinity: z
      .object({ requiredDuringSchedulingIgnoredDuringExecution: z.array(podAffinityTerm).default([]) })
      .prefault({}),
  })
  .prefault({})
