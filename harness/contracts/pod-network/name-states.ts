import { possibleFaults } from '../../judge/faults/fault-windows.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import type { RecordOf } from '../../record/records.ts'
import { processRestart, rulesFollow, watchDelayMs } from '../bounds.ts'

const label = 'kubernetes.io/service-name'
/** How long CoreDNS may return an old answer: the cache time of its default Corefile. */
const cacheMs = 30_000

/** The addresses that a Service's name had for a time, in order. */
export interface NameState {
  readonly headless: boolean
  readonly addresses: readonly string[]
}

/**
 * Since when a state may still be returned: an answer is cached, and a change takes time to arrive. During a fault and the time to
 * recover from it DNS may keep the state from before.
 */
export function staleSince(
  recording: Recording,
  { at }: RecordOf<'name'>,
): { readonly since: number; readonly disturbed: boolean } {
  const recoveryMs = processRestart().limit
  const faults = possibleFaults(recording).filter(
    ({ intentAt, until }) => intentAt < at + watchDelayMs && until + recoveryMs > at - cacheMs,
  )
  const first = Math.min(at, ...faults.map(({ intentAt }) => intentAt))
  const disturbed = faults.some(({ until }) => until + recoveryMs > at)
  return { since: first - cacheMs - rulesFollow(recording).limit, disturbed }
}

/** Every state of a Service's name between two times. Empty for a Service that is unknown, has another type, or was recreated. */
export function nameStates(recording: Recording, service: string, from: number, until: number): NameState[] {
  const [namespace = '', name = ''] = service.split('/')
  const lives = objects(recording, 'services').named(namespace, name)
  const [life] = lives
  if (!life || lives.length > 1) return []
  const slices = objects(recording, 'endpointslices').in(namespace)
  const changes = [life, ...slices].flatMap(({ versions }) => versions.map(({ at }) => at))
  const times = [from, ...changes.filter((at) => from < at && at <= until + watchDelayMs).toSorted((a, b) => a - b)]
  const last = life.versions.findLast(({ deleted }) => !deleted)?.object.spec
  if (last?.clusterIP === undefined || last.clusterIP === '') return []
  const headless = last.clusterIP === 'None'
  return times.map((time) => {
    const spec = life.at(time)?.spec
    if (!spec) return { headless, addresses: [] }
    if (!headless) return { headless, addresses: [spec.clusterIP ?? ''] }
    const endpoints = slices.flatMap((slice) => {
      const object = slice.at(time)
      return object?.metadata.labels[label] === name ? object.endpoints : []
    })
    const ready = endpoints.filter(({ conditions }) => conditions.ready !== false)
    return { headless, addresses: [...new Set(ready.flatMap(({ addresses }) => addresses))].toSorted() }
  })
}
