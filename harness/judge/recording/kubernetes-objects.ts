import { z } from 'zod'
import { containerStatus } from './schemas/container-status.ts'
import { condition, metadata, numberOrShare, selector } from './schemas/object-fields.ts'
import { affinity, topologySpreadConstraint } from './schemas/placement-rules.ts'
import { ObjectHistory } from './object-history.ts'
import type { Recording } from './recording.ts'
import { podVolume, storageSchemas } from './schemas/storage-schemas.ts'
import { workloadSchemas } from './schemas/workload-schemas.ts'
import { requireComplete } from '../coverage/witness.ts'

/*
 * The few fields that judges read of Kubernetes' objects. Other fields are ignored; a field of a wrong type makes its
 * contract inconclusive.
 */

const toleration = z.object({
  key: z.string().default(''),
  operator: z.string().default('Equal'),
  value: z.string().default(''),
  effect: z.string().default(''),
  tolerationSeconds: z.number().nullish(),
})
const quantities = z.record(z.string(), z.union([z.string(), z.number()]).transform(String)).default({})
const container = z.object({ resources: z.object({ requests: quantities }).prefault({}) })

const schemas = {
  pods: z.object({
    metadata,
    spec: z
      .object({
        nodeName: z.string().optional(),
        hostNetwork: z.boolean().default(false),
        schedulerName: z.string().default('default-scheduler'),
        schedulingGates: z.array(z.object({ name: z.string() })).default([]),
        tolerations: z.array(toleration).default([]),
        nodeSelector: z.record(z.string(), z.string()).default({}),
        affinity,
        topologySpreadConstraints: z.array(topologySpreadConstraint).default([]),
        priority: z.number().default(0),
        preemptionPolicy: z.string().default('PreemptLowerPriority'),
        containers: z.array(container).default([]),
        volumes: z.array(podVolume).default([]),
        overhead: quantities,
        terminationGracePeriodSeconds: z.number().default(30),
        restartPolicy: z.string().default('Always'),
        hostname: z.string().optional(),
      })
      .prefault({}),
    status: z
      .object({
        phase: z.string().optional(),
        podIP: z.string().optional(),
        podIPs: z.array(z.object({ ip: z.string() })).default([]),
        conditions: z.array(condition).default([]),
        containerStatuses: z.array(containerStatus).default([]),
        initContainerStatuses: z.array(containerStatus).default([]),
        ephemeralContainerStatuses: z.array(containerStatus).default([]),
      })
      .prefault({}),
  }),
  nodes: z.object({
    metadata,
    spec: z
      .object({
        unschedulable: z.boolean().optional(),
        taints: z.array(z.object({ key: z.string(), value: z.string().default(''), effect: z.string() })).default([]),
      })
      .prefault({}),
    status: z.object({ conditions: z.array(condition).default([]), allocatable: quantities }).prefault({}),
  }),
  leases: z.object({
    spec: z
      .object({
        holderIdentity: z.string().nullish(),
        leaseDurationSeconds: z.number().nullish(),
        renewTime: z.string().nullish(),
      })
      .prefault({}),
  }),
  ...workloadSchemas,
  ...storageSchemas,
  services: z.object({
    metadata,
    spec: z
      .object({
        type: z.string().default('ClusterIP'),
        selector: z
          .record(z.string(), z.string())
          .nullish()
          .transform((labels) => labels ?? {}),
        clusterIP: z.string().optional(),
        clusterIPs: z.array(z.string()).default([]),
        ports: z
          .array(
            z.object({
              name: z.string().default(''),
              port: z.number(),
              protocol: z.string().default('TCP'),
              nodePort: z.number().default(0),
            }),
          )
          .default([]),
        externalIPs: z.array(z.string()).default([]),
        loadBalancerSourceRanges: z.array(z.string()).default([]),
        internalTrafficPolicy: z.string().default('Cluster'),
        externalTrafficPolicy: z.string().default('Cluster'),
        sessionAffinity: z.string().default('None'),
        sessionAffinityConfig: z
          .object({ clientIP: z.object({ timeoutSeconds: z.number().default(10_800) }).prefault({}) })
          .prefault({}),
        publishNotReadyAddresses: z.boolean().default(false),
        healthCheckNodePort: z.number().default(0),
      })
      .prefault({}),
    status: z
      .object({
        loadBalancer: z
          .object({
            ingress: z.array(z.object({ ip: z.string().optional(), ipMode: z.string().optional() })).default([]),
          })
          .prefault({}),
      })
      .prefault({}),
  }),
  endpointslices: z.object({
    metadata,
    addressType: z.string().default('IPv4'),
    ports: z
      .array(
        z.object({ name: z.string().default(''), port: z.number().nullish(), protocol: z.string().default('TCP') }),
      )
      .nullish()
      .transform((ports) => ports ?? []),
    endpoints: z
      .array(
        z.object({
          addresses: z.array(z.string()).default([]),
          nodeName: z.string().optional(),
          targetRef: z.object({ name: z.string() }).optional(),
          conditions: z
            .object({
              ready: z.boolean().nullish(),
              serving: z.boolean().nullish(),
              terminating: z.boolean().nullish(),
            })
            .prefault({}),
          hints: z
            .object({
              forZones: z.array(z.object({ name: z.string() })).default([]),
              forNodes: z.array(z.object({ name: z.string() })).default([]),
            })
            .prefault({}),
        }),
      )
      .nullish()
      .transform((endpoints) => endpoints ?? []),
  }),
  poddisruptionbudgets: z.object({
    metadata,
    spec: z.object({
      minAvailable: numberOrShare.optional(),
      maxUnavailable: numberOrShare.optional(),
      selector,
      unhealthyPodEvictionPolicy: z.string().default('IfHealthyBudget'),
    }),
    status: z
      .object({
        desiredHealthy: z.number().optional(),
        currentHealthy: z.number().optional(),
        disruptionsAllowed: z.number().optional(),
        disruptedPods: z.record(z.string(), z.string()).default({}),
      })
      .prefault({}),
  }),
} as const

export type Resource = keyof typeof schemas

/** The fields of an object that judges read. @throws ZodError for a field of a wrong type */
export function readObject<R extends Resource>(resource: R, object: unknown): ObjectOf<R> {
  return schemas[resource].parse(object) as ObjectOf<R>
}
export type ObjectOf<R extends Resource> = z.infer<(typeof schemas)[R]>
export type Pod = ObjectOf<'pods'>
export type Node = ObjectOf<'nodes'>

const known = new WeakMap<Recording, Map<Resource, ObjectHistory<unknown>>>()

/**
 * The history of all objects of one resource, computed once for a recording.
 * @throws InconclusiveError where a watch of it lost a change that etcd stored, or reported one twice
 */
export function objects<R extends Resource>(recording: Recording, resource: R): ObjectHistory<ObjectOf<R>> {
  const histories = known.get(recording) ?? new Map<Resource, ObjectHistory<unknown>>()
  known.set(recording, histories)
  let history = histories.get(resource)
  if (!history) {
    requireComplete(recording, resource)
    const sightings = recording.of('watch').filter((record) => record.resource === resource)
    history = new ObjectHistory<unknown>(sightings, (object) => schemas[resource].parse(object))
    histories.set(resource, history)
  }
  return history as ObjectHistory<ObjectOf<R>>
}

export function hasCondition(object: Pod | Node, type: string, status: string): boolean {
  return object.status.conditions.some((one) => one.type === type && one.status === status)
}

/** A documented reason for which the scheduler skips a pod; undefined without one. */
export function unplaceable({ status }: Pod): string | undefined {
  const scheduled = status.conditions.find((one) => one.type === 'PodScheduled' && one.status === 'False')
  return scheduled?.reason === 'SchedulingGated' || scheduled?.reason === 'Unschedulable' ? scheduled.reason : undefined
}

/** Whether a pod counts towards the wanted replicas: not terminating and not finished. */
export function isActive({ metadata, status }: Pod): boolean {
  return metadata.deletionTimestamp === undefined && status.phase !== 'Failed' && status.phase !== 'Succeeded'
}

/** A static pod's image in the API: no client creates, binds or evicts it through the API. */
export function isMirror({ metadata }: Pod): boolean {
  return 'kubernetes.io/config.mirror' in metadata.annotations
}

export function isOwnedBy({ metadata }: { metadata: Pod['metadata'] }, kind: string): boolean {
  return metadata.ownerReferences.some((one) => one.kind === kind)
}

export function matches(labels: Readonly<Record<string, string>>, wanted: Readonly<Record<string, string>>): boolean {
  const pairs = Object.entries(wanted)
  return pairs.length > 0 && pairs.every(([key, value]) => labels[key] === value)
}
