import { parseRfc3339 } from '../../../common/rfc3339.ts'
import { overlaps } from '../../../judge/faults/fault-windows.ts'
import { objects, type Pod } from '../../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { span } from '../../../judge/recording/cluster-facts.ts'
import { faultsOf } from '../../fault-effects.ts'

type Status = Pod['status']['containerStatuses'][number]

/** A container of a pod that ended, and the first state in which another one runs in its place. */
export interface Restart {
  readonly pod: string
  readonly container: string
  readonly machine: string
  /** The last state in which the earlier container ran. */
  readonly before: Version<Pod>
  /** The first state in which it no longer runs. */
  readonly ended: Version<Pod>
  /** Undefined where the recording ends first. */
  readonly again: Version<Pod> | undefined
  readonly until: number
  readonly countBefore: number
  readonly countAfter: number
  /** From the end to the start, in whole seconds of the runtime's clock; undefined where a status lacks one. */
  readonly pauseMs: number | undefined
}

/** Every end of a container that its kubelet has to restart, on Nodes whose own processes no fault may have hit before. */
export function restarts(recording: Recording): Restart[] {
  return objects(recording, 'pods').lives.flatMap((life) =>
    life.versions[0]?.object.spec.restartPolicy === 'Always' ? restartsOf(recording, life) : [],
  )
}

function restartsOf(recording: Recording, life: Life<Pod>): Restart[] {
  const names = new Set(life.versions.flatMap(({ object }) => object.status.containerStatuses.map(({ name }) => name)))
  return [...names].flatMap((name) => endsOf(recording, life, name))
}

function endsOf(recording: Recording, life: Life<Pod>, name: string): Restart[] {
  const found: Restart[] = []
  const living = life.versions.filter(
    ({ deleted, object }) => !deleted && object.metadata.deletionTimestamp === undefined,
  )
  let before: Version<Pod> | undefined
  let ended: Version<Pod> | undefined
  const add = (again?: Version<Pod>): void => {
    const one = before && ended && restart(recording, { life, name, before, ended, again })
    if (one) found.push(one)
    ended = undefined
  }
  for (const version of living) {
    const status = statusOf(version, name)
    if (before && (!isRunning(status) || isOther(statusOf(before, name), status))) ended ??= version
    if (!isRunning(status)) continue
    add(version)
    before = version
  }
  add()
  return found
}

interface Ended {
  readonly life: Life<Pod>
  readonly name: string
  readonly before: Version<Pod>
  readonly ended: Version<Pod>
  readonly again: Version<Pod> | undefined
}

function restart(recording: Recording, { life, name, before, ended, again }: Ended): Restart | undefined {
  const machine = before.object.spec.nodeName ?? ''
  const ending = life.versions.find(({ deleted, object }) => deleted || object.metadata.deletionTimestamp !== undefined)
  const until = again?.at ?? Math.min(ending?.at ?? Infinity, span(recording).until)
  if (isDisturbed(recording, machine, until)) return undefined
  const after = again && statusOf(again, name)
  return {
    pod: `${life.namespace}/${life.name}`,
    container: name,
    machine,
    before,
    ended,
    again,
    until,
    countBefore: statusOf(before, name)?.restartCount ?? 0,
    countAfter: after?.restartCount ?? 0,
    pauseMs: after && pauseOf(after),
  }
}

/** A kubelet that started again has forgotten its back-off, and a machine that did ends every container. */
function isDisturbed(recording: Recording, machine: string, until: number): boolean {
  const places = ['kubelet', 'containerd'].map((component) => ({ machine, component }))
  return faultsOf(recording, places).some(({ intentAt, until: end }) =>
    overlaps({ from: intentAt, until: end }, { from: -Infinity, until }),
  )
}

export function statusOf({ object }: Version<Pod>, name: string): Status | undefined {
  return object.status.containerStatuses.find((one) => one.name === name)
}

function isRunning(status: Status | undefined): boolean {
  return status?.state.running !== undefined && status.state.running !== null
}

function isOther(before: Status | undefined, after: Status | undefined): boolean {
  return before?.containerID !== after?.containerID
}

function pauseOf({ state, lastState }: Status): number | undefined {
  const { startedAt } = (state.running ?? {}) as { startedAt?: unknown }
  const { finishedAt } = lastState.terminated
  if (typeof startedAt !== 'string' || typeof finishedAt !== 'string') return undefined
  const pauseMs = parseRfc3339(startedAt) - parseRfc3339(finishedAt)
  return Number.isNaN(pauseMs) ? undefined : pauseMs
}
