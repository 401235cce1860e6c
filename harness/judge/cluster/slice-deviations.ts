import type { JournalRecord } from '../../record/records.ts'
import type { Interval } from '../faults/fault-windows.ts'
import { type ObjectOf, type Pod, hasCondition, matches, objects } from '../recording/kubernetes-objects.ts'
import type { Life } from '../recording/object-history.ts'
import type { Recording } from '../recording/recording.ts'
import { span } from '../recording/cluster-facts.ts'
import { managedByController, serviceLabel } from './service-endpoints.ts'

type Service = Life<ObjectOf<'services'>>
type Slice = Life<ObjectOf<'endpointslices'>>

/** A time in which the slices of a Service did not list a pod as its state requires. */
export interface SliceDeviation extends Interval {
  readonly sort: 'missing' | 'stale'
  /** The pod's name, or the endpoint's address where it names no pod. */
  readonly pod: string
  /** Whether the slices themselves ended it; else the pod or the Service changed, or the recording ended. */
  readonly corrected: boolean
  readonly records: readonly JournalRecord[]
}

/** A Service whose slices have to follow the pods that it selects. */
export interface SelectingService {
  readonly service: string
  /** The largest number of endpoints that had to be listed as ready at one time. */
  readonly endpoints: number
  readonly deviations: readonly SliceDeviation[]
}

/** Every Service with a selector that had a pod or a ready endpoint in the scenario. */
export function selectingServices(recording: Recording): SelectingService[] {
  return objects(recording, 'services').lives.flatMap((service) => {
    const selects = service.versions.some(({ object: { spec } }) => Object.keys(spec.selector).length > 0)
    const found = selects ? follow(recording, service) : undefined
    return found && (found.endpoints > 0 || found.deviations.length > 0) ? [found] : []
  })
}

function follow(recording: Recording, service: Service): SelectingService {
  const { from, until } = span(recording)
  const { namespace, name } = service
  const pods = objects(recording, 'pods').in(namespace)
  const slices = objects(recording, 'endpointslices').in(namespace).filter(isOf(name))
  const nodes = objects(recording, 'nodes').lives
  const ends = Math.min(until, namespaceDeletedAt(recording, namespace))
  const times = [service, ...pods, ...slices, ...nodes].flatMap(({ versions }) => versions.map(({ at }) => at))
  const moments = [...new Set([from, ...times.filter((at) => at > from && at < ends)])].sort((a, b) => a - b)
  const open = new Map<string, Open>()
  const deviations: SliceDeviation[] = []
  let endpoints = 0
  for (const at of moments) {
    const state = stateAt({ service, pods, slices, nodes }, at)
    endpoints = Math.max(endpoints, state.wanted)
    const sliceChanged = slices.some(({ versions }) => versions.some((version) => version.at === at))
    for (const [key, one] of open) {
      if (state.wrong.has(key)) continue
      open.delete(key)
      deviations.push({ ...one, until: at, corrected: sliceChanged })
    }
    for (const [key, one] of state.wrong) if (!open.has(key)) open.set(key, { ...one, from: at })
  }
  deviations.push(...[...open.values()].map((one) => ({ ...one, until: ends, corrected: false })))
  return { service: `${namespace}/${name}`, endpoints, deviations }
}

type Wrong = Pick<SliceDeviation, 'sort' | 'pod' | 'records'>
type Open = Wrong & Pick<Interval, 'from'>

/** Slices that the controller manages, or once managed: removing its label by hand does not end its duty. */
function isOf(service: string): (slice: Slice) => boolean {
  return ({ versions }) =>
    versions.some(({ object: { metadata } }) => metadata.labels[serviceLabel] === service) &&
    versions.some(({ object }) => managedByController(object))
}

/** A namespace that is being deleted accepts no new slices. */
function namespaceDeletedAt(recording: Recording, namespace: string): number {
  const request = recording
    .of('audit')
    .find(({ resource, verb, name }) => resource === 'namespaces' && verb === 'delete' && name === namespace)
  return request?.at ?? Infinity
}

interface Objects {
  readonly service: Service
  readonly pods: readonly Life<Pod>[]
  readonly slices: readonly Slice[]
  readonly nodes: readonly Life<ObjectOf<'nodes'>>[]
}

function stateAt({ service, pods, slices, nodes }: Objects, at: number): { wanted: number; wrong: Map<string, Wrong> } {
  const wrong = new Map<string, Wrong>()
  const { spec } = service.at(at) ?? {}
  if (!spec || Object.keys(spec.selector).length === 0 || spec.type === 'ExternalName') return { wanted: 0, wrong }
  const ready = slices.flatMap((slice) => {
    const object = slice.at(at)
    if (object?.metadata.labels[serviceLabel] !== service.name) return []
    return object.endpoints.flatMap((one) => (one.conditions.ready === false ? [] : [{ ...one, slice }]))
  })
  const wanted = pods.flatMap((life) => {
    const object = life.at(at)
    const isDue = object !== undefined && matches(object.metadata.labels, spec.selector) && isReady(object, spec)
    return isDue ? [{ life, object, addresses: addressesOf(object) }] : []
  })
  const isListed = ({ life, addresses }: (typeof wanted)[number]): boolean =>
    ready.some((one) => isFor(one, life.name) && one.addresses.some((address) => addresses.includes(address)))
  const hasNode = ({ object }: (typeof wanted)[number]): boolean =>
    nodes.some((node) => node.name === object.spec.nodeName && node.at(at) !== undefined)
  for (const one of wanted) {
    // The controller leaves out pods whose Node does not exist.
    if (isListed(one) || !hasNode(one)) continue
    const { name: pod, uid } = one.life
    wrong.set(`missing ${uid}`, { sort: 'missing', pod, records: recordsAt([one.life, ...slices], at) })
  }
  for (const one of ready) {
    const isRight = wanted.some(
      ({ life, addresses }) => isFor(one, life.name) && one.addresses.some((address) => addresses.includes(address)),
    )
    if (isRight) continue
    const pod = one.targetRef?.name ?? one.addresses.join(', ')
    const own = pods.filter(({ name }) => name === pod)
    wrong.set(`stale ${pod} ${one.addresses.join()}`, {
      sort: 'stale',
      pod,
      records: recordsAt([...own, one.slice], at),
    })
  }
  return { wanted: wanted.filter(hasNode).length, wrong }
}

function isFor({ targetRef }: ObjectOf<'endpointslices'>['endpoints'][number], pod: string): boolean {
  return targetRef === undefined || targetRef.name === pod
}

/** Whether a pod that a Service selects has to be listed as ready. */
function isReady(pod: Pod, spec: ObjectOf<'services'>['spec']): boolean {
  const { metadata, status } = pod
  if (addressesOf(pod).length === 0 || status.phase === 'Failed' || status.phase === 'Succeeded') return false
  if (spec.publishNotReadyAddresses) return true
  return metadata.deletionTimestamp === undefined && hasCondition(pod, 'Ready', 'True')
}

function addressesOf({ status: { podIP, podIPs } }: Pod): string[] {
  return [...podIPs.map(({ ip }) => ip), ...(podIP === undefined ? [] : [podIP])]
}

/** The records of objects' states at a time. */
function recordsAt(lives: readonly Life<unknown>[], at: number): JournalRecord[] {
  return lives.flatMap(({ versions }) => versions.findLast((version) => version.at <= at)?.record ?? [])
}
