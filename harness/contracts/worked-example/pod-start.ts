import { type Pod, hasCondition, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { podStart } from '../bounds.ts'
import type { Expected } from './expected.ts'
import { podFields } from './fields.ts'

/** Waiting states that are part of every start. */
const ordinary = ['', 'ContainerCreating', 'PodInitializing']

/** The objective of upstream excludes init containers, and a startup probe adds its own time. */
export function isTimed({ versions }: Life<Pod>): boolean {
  const [first] = versions
  if (!first) return false
  const { containers, initContainers } = podFields(first).spec
  return initContainers.length === 0 && containers.every(({ startupProbe }) => startupProbe === undefined)
}

/** Until a pod is Ready; where its own probe or gate decides that, until its containers run. */
export function start(life: Life<Pod>, { limit }: Bound = podStart): Expected {
  const isUp = (one: Version<Pod>): boolean => hasCondition(one.object, 'Ready', 'True') || (isProbed(one) && runs(one))
  const at = life.versions.find((one) => !one.deleted && isUp(one))?.at
  return { from: life.bornAt, at, limit }
}

/** The objective is for one pod: pods that start on a Node at the same time share its processors. */
export function startBound(recording: Recording, life: Life<Pod>, node: string): Bound {
  const readyAt = start(life).at ?? Infinity
  const together = objects(recording, 'pods').lives.filter((other) => {
    const { from, at = other.deletedAt } = start(other)
    return from < readyAt && at > life.bornAt && other.first(({ spec }) => spec.nodeName === node) !== undefined
  }).length
  if (together <= 1) return podStart
  const { limit, unit, source } = podStart
  return {
    limit: limit * together,
    unit,
    source: `${source} x ${together} pods that started on the Node at the same time`,
  }
}

/** The state that `start` measures. */
export function startState({ versions }: Life<Pod>): 'Ready' | 'running' {
  return versions[0] && isProbed(versions[0]) ? 'running' : 'Ready'
}

/** A documented reason in the pod's own containers: an image that can't be pulled, a container that ends. */
export function waitsForReason({ versions }: Life<Pod>): boolean {
  const last = versions.at(-1)
  if (!last) return false
  return podFields(last).status.containerStatuses.some(
    ({ state: { waiting, terminated } }) =>
      (terminated !== undefined && terminated !== null) || !ordinary.includes(waiting?.reason ?? ''),
  )
}

function isProbed(version: Version<Pod>): boolean {
  const { containers, readinessGates } = podFields(version).spec
  return readinessGates.length > 0 || containers.some(({ readinessProbe }) => readinessProbe !== undefined)
}

function runs(version: Version<Pod>): boolean {
  const { containerStatuses } = podFields(version).status
  return containerStatuses.length > 0 && containerStatuses.every(({ state }) => Boolean(state.running))
}
