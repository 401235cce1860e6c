import type { RecordOf } from '../../record/records.ts'
import type { Interval } from '../faults/fault-windows.ts'
import { hasCondition, objects } from '../recording/kubernetes-objects.ts'
import { portHistory } from '../kube-proxy/port-history.ts'
import { type Endpoint, type ProxyMachine, type ServicePort, endpointAddress } from '../kube-proxy/service-port.ts'
import { usableEndpoints } from '../kube-proxy/usable-endpoints.ts'
import type { Recording } from '../recording/recording.ts'

/** A probe, or a sample, of which the port is not known: `to` is then absent. */
export type Use = Pick<RecordOf<'attempt'>, 'at' | 'from' | 'service' | 'protocol' | 'target'> & {
  readonly to?: string
}

/** A time in which a Service offered the same ready endpoints to one place. */
export interface Promised extends Interval {
  readonly endpoints: readonly Endpoint[]
}

/** Returns the times in which the endpoints of a Service require an answer to a probe. `handler` forwards the probe. */
export function promisedTimes(recording: Recording, probe: Use, handler: ProxyMachine): Promised[] {
  const steady: { from: number; until: number; endpoints: readonly Endpoint[]; key: string }[] = []
  for (const { at, until, ports } of portHistory(recording)) {
    const endpoints = ports.filter((port) => isTo(port, probe)).flatMap((port) => readyAt(port, probe, handler))
    const key = endpoints.map(endpointAddress).toSorted().join()
    const last = steady.at(-1)
    if (last?.key === key) last.until = until
    else steady.push({ from: at, until, endpoints, key })
  }
  return steady.filter(({ endpoints }) => endpoints.length > 0)
}

function isTo({ service, protocol, port, nodePort }: ServicePort, probe: Use): boolean {
  if (service !== probe.service || protocol !== probe.protocol) return false
  const own = probe.target === 'node-port' ? nodePort : port
  return probe.target === 'pod-ip' || probe.to === undefined || probe.to.endsWith(`:${own}`)
}

function readyAt(port: ServicePort, { target, to }: Use, handler: ProxyMachine): Endpoint[] {
  const ready = port.endpoints.filter((one) => one.ready)
  if (target === 'pod-ip') return ready.filter((one) => endpointAddress(one) === to)
  const { cluster, local } = usableEndpoints(port, handler)
  const keepsLocal = target === 'node-port' ? port.externalLocal : port.internalLocal
  return (keepsLocal ? local : cluster).filter((one) => one.ready)
}

/**
 * Returns when pods of a Service's namespace stopped or began to be ready: an EndpointSlice can lag behind its pods.
 * `endings` are the times in which a pod was terminating.
 */
export function podChanges(
  recording: Recording,
  service: string,
): { readonly at: readonly number[]; readonly endings: readonly Interval[] } {
  const [namespace = ''] = service.split('/')
  const at: number[] = []
  const endings: Interval[] = []
  for (const { versions, deletedAt } of objects(recording, 'pods').in(namespace)) {
    let wasReady = false
    for (const { at: time, deleted, object } of versions) {
      const isEnding = object.metadata.deletionTimestamp !== undefined
      const isReady = !deleted && !isEnding && hasCondition(object, 'Ready', 'True')
      if (isReady !== wasReady || deleted) at.push(time)
      wasReady = isReady
    }
    const ending = versions.find(({ object }) => object.metadata.deletionTimestamp !== undefined)
    if (ending) endings.push({ from: ending.at, until: deletedAt })
  }
  return { at, endings }
}
