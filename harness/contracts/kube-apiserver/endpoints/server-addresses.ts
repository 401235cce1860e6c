import type { RecordOf } from '../../../record/records.ts'
import { serviceLabel } from '../../../judge/cluster/service-endpoints.ts'
import type { Interval } from '../../../judge/faults/fault-windows.ts'
import { objects } from '../../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../../judge/recording/recording.ts'

/** A time in which the EndpointSlices of the API's own Service list an address. */
export interface Listed extends Interval {
  /** The record that listed it. */
  readonly record: RecordOf<'watch'>
  /** The record that no longer listed it. */
  readonly end?: RecordOf<'watch'>
}

/** When the EndpointSlices of the Service `kubernetes` list an address. Before the first report nothing is known. */
export function listedTimes(recording: Recording, address: string): Listed[] {
  const changes = objects(recording, 'endpointslices')
    .in('default')
    .flatMap(({ uid, versions }) => versions.map((version) => ({ uid, ...version })))
    .filter(({ object }) => object.metadata.labels[serviceLabel] === 'kubernetes')
    .sort((a, b) => a.at - b.at || a.resourceVersion - b.resourceVersion)
  const slices = new Map<string, boolean>()
  const found: { from: number; until: number; record: RecordOf<'watch'>; end?: RecordOf<'watch'> }[] = []
  for (const { uid, at, deleted, object, record } of changes) {
    slices.set(uid, !deleted && object.endpoints.some(({ addresses }) => addresses.includes(address)))
    const isListed = [...slices.values()].includes(true)
    const last = found.at(-1)
    const isOpen = last?.until === Infinity
    if (isListed && !isOpen) found.push({ from: at, until: Infinity, record })
    else if (!isListed && last && isOpen) Object.assign(last, { until: at, end: record })
  }
  return found
}
