import type { RecordOf } from '../../record/records.ts'
import { all, type JournalMutation } from './mutation.ts'

/* Changes to where pods were placed, in the recording of any scenario. */

type Watch = RecordOf<'watch'>
type Fields = Readonly<Record<string, unknown>>

const specOf = ({ object }: Watch): Fields => (object['spec'] ?? {}) as Fields
const isPod = ({ resource }: Watch): boolean => resource === 'pods'

/** The pods whose specification satisfies a condition and that got a Node, each with its last state; in the order of their names. */
function placedPods(records: Parameters<JournalMutation>[0], holds: (spec: Fields) => boolean): Watch[] {
  const states = all(records, 'watch').filter((one) => isPod(one) && specOf(one)['nodeName'] && holds(specOf(one)))
  return [...new Map(states.map((one) => [one.uid, one])).values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** A pod was placed on another Node. */
function moved(
  records: Parameters<JournalMutation>[0],
  { uid, name }: Watch,
  node: string,
): ReturnType<JournalMutation> {
  return records.map((record) => {
    if (record.kind === 'audit' && record.subresource === 'binding' && record.name === name) {
      return { ...record, detail: node }
    }
    if (record.kind !== 'watch' || record.uid !== uid || !specOf(record)['nodeName']) return record
    return { ...record, object: { ...record.object, spec: { ...specOf(record), nodeName: node } } }
  })
}

/** All pods with some rule were placed on the Node of the first one. */
function gathered(holds: (spec: Fields) => boolean): JournalMutation {
  return (records) => {
    const [first, ...others] = placedPods(records, holds)
    if (!first || others.length === 0) throw new Error('no two pods with that rule were placed')
    const node = String(specOf(first)['nodeName'])
    return others.reduce<ReturnType<JournalMutation>>((changed, pod) => moved(changed, pod, node), [...records])
  }
}

const hasAntiAffinity = ({ affinity }: Fields): boolean =>
  JSON.stringify(affinity ?? {}).includes('"podAntiAffinity":{"required')

/** Pods with required anti-affinity share a Node. */
export const together = gathered(hasAntiAffinity)

const isSpread = ({ topologySpreadConstraints }: Fields): boolean =>
  JSON.stringify(topologySpreadConstraints ?? []).includes('DoNotSchedule')

/** Pods with a hard spread constraint share a Node. */
export const crowded = gathered(isSpread)

/** A pod without tolerations of its own was placed on a control-plane Node. */
export const onControlPlane: JournalMutation = (records) => {
  const machines = all(records, 'cluster').flatMap((one) => one.machines)
  const node = machines.find(({ roles }) => roles.includes('control-plane'))?.name
  const [pod] = placedPods(
    records,
    (spec) => !JSON.stringify(spec['tolerations'] ?? []).includes('{"operator":"Exists"}'),
  )
  if (!pod || node === undefined) throw new Error('no pod was placed beside a control-plane Node')
  return moved(records, pod, node)
}

/** A pod that was placed while a Node's processors were in use was placed on another Node that it selects. */
export const awayFromBusy: JournalMutation = (records) => {
  const hogs = all(records, 'fault').filter(({ fault }) => fault === 'hog-cpu')
  const from = hogs.find(({ edge }) => edge === 'injected')?.at ?? Infinity
  const busy = new Set(hogs.flatMap(({ target }) => target.machines))
  const pods = placedPods(records, (spec) => busy.has(String(spec['nodeName'])))
  const first = (pod: Watch): number => all(records, 'watch').find(({ uid }) => uid === pod.uid)?.at ?? 0
  const pod = pods.find((one) => first(one) > from)
  const selected = /"kubernetes.io\/hostname","operator":"In","values":(\[[^\]]*\])/.exec(
    JSON.stringify(pod?.object),
  )?.[1]
  const node = (JSON.parse(selected ?? '[]') as string[]).find((name) => !busy.has(name))
  if (!pod || node === undefined) throw new Error('no pod was placed on a busy Node')
  return moved(records, pod, node)
}

/** A pod that was removed for another one had a high priority. */
export const importantVictim: JournalMutation = (records) => {
  const victim = all(records, 'watch').find(
    (one) => isPod(one) && JSON.stringify(one.object).includes('PreemptionByScheduler'),
  )
  if (!victim) throw new Error('no pod was preempted')
  return records.map((record) => {
    if (record.kind !== 'watch' || record.uid !== victim.uid) return record
    return { ...record, object: { ...record.object, spec: { ...specOf(record), priority: 2_000_000 } } }
  })
}
