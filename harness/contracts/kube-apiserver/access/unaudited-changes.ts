import { isSuccess } from '../../../judge/cluster/bindings.ts'
import { during, type Interval } from '../../../judge/faults/fault-windows.ts'
import { span } from '../../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { objectAt } from '../../../judge/recording/registry-keys.ts'
import type { RecordOf } from '../../../record/records.ts'
import { watchDelayMs } from '../../bounds.ts'
import { apiServersOf, faultsOf } from '../../fault-effects.ts'

/** The audit policy leaves out some or all of their changes. */
const notLogged: readonly string[] = ['nodes', 'events', 'leases']
/** A request that an API server had received when it was killed leaves no record: it takes about this long at most. */
const inFlightMs = 10_000

/** A change that etcd stored of an object whose changes API servers log. */
export interface StoredChange {
  readonly at: number
  readonly object: string
  readonly resource: string
  readonly namespace: string
  readonly name: string
  readonly revision: number
  readonly record: RecordOf<'stored'>
}

/** Every such change of a scenario once, without those that a killed API server may have made. */
export function storedChanges(recording: Recording): StoredChange[] {
  const { from, until } = span(recording)
  const time = { from: from + watchDelayMs, until: until - watchDelayMs }
  const excused = killedTimes(recording)
  const changes = new Map<number, StoredChange>()
  for (const record of recording.of('stored')) {
    for (const { key, revision } of record.events) {
      const stored = objectAt(key)
      if (!stored || notLogged.includes(stored.resource) || changes.has(revision)) continue
      const object = `${stored.resource} ${stored.namespace}/${stored.name}`
      changes.set(revision, { ...stored, at: record.at, object, revision, record })
    }
  }
  return [...changes.values()]
    .filter(({ at }) => during(time, at) && !excused.some((one) => during(one, at)))
    .sort((a, b) => a.revision - b.revision)
}

function killedTimes(recording: Recording): Interval[] {
  return faultsOf(recording, apiServersOf(recording)).map(({ intentAt, from }) => ({
    from: intentAt - inFlightMs,
    until: from + inFlightMs,
  }))
}

/** Changes without a request: of each object, etcd stored more changes by then than API servers had received requests for. */
export function unauditedChanges(recording: Recording, changes: readonly StoredChange[]): StoredChange[] {
  const requests = recording
    .of('audit')
    .filter(({ verb, ...one }) => mayChange(one) && verb !== 'get' && verb !== 'list')
  const byName = Map.groupBy(requests, ({ resource, namespace, name }) => `${resource} ${namespace}/${name}`)
  const unnamed = new Set(
    requests.flatMap(({ resource, namespace, name }) => (name === '' ? [`${resource} ${namespace}`] : [])),
  )
  return [...Map.groupBy(changes, ({ object }) => object)].flatMap(([object, own]) => {
    const [{ resource, namespace }] = own as [StoredChange]
    // Objects that were created without a name or deleted as a collection can't be counted.
    const spare = unnamed.has(`${resource} ${namespace}`) ? 2 : 0
    const received = (byName.get(object) ?? []).flatMap(({ at, subresource }) =>
      Array<number>(changesBy(subresource)).fill(at),
    )
    return own.filter(({ at }, n) => received.filter((time) => time <= at).length + spare < n + 1)
  })
}

/** An eviction first writes a condition into the pod's status and then deletes the pod. */
function changesBy(subresource: string): number {
  return subresource === 'eviction' ? 2 : 1
}

/** An answer of 5xx, or none, does not exclude the change. */
function mayChange({ code }: { readonly code: number }): boolean {
  return isSuccess({ code }) || code >= 500 || code === 0
}
