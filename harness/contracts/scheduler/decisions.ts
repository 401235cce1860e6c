import { type Binding, bindingRequests } from '../../judge/cluster/bindings.ts'
import type { PlacedPod } from '../../judge/cluster/placed-pods.ts'
import { during } from '../../judge/faults/fault-windows.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { unableTimes } from '../kube-controller-manager/unable-times.ts'

/** When a scheduler decided on a pod: at the latest as its request arrived; else as its Node was reported. */
export interface Decision {
  readonly at: number
  /** The machine of the scheduler, if an audit log has its request. */
  readonly issuer: string | undefined
}

const known = new WeakMap<Recording, ReadonlyMap<string, readonly Binding[]>>()

export function decisionOn(recording: Recording, { life, node, placed }: PlacedPod): Decision {
  const requests = known.get(recording) ?? Map.groupBy(bindingRequests(recording), keyOf)
  known.set(recording, requests)
  const request = requests
    .get(`${life.namespace}/${life.name}`)
    ?.findLast((one) => one.bound && one.node === node && one.at <= placed.at)
  return { at: request?.at ?? placed.at, issuer: request?.issuer }
}

const keyOf = ({ namespace, pod }: Binding): string => `${namespace}/${pod}`

/** Faults of the control plane may keep changes from the scheduler: what it decides on then may be from before them. */
export function knownSince(recording: Recording, at: number): number {
  const disturbed = unableTimes(recording, 'kube-scheduler').filter((one) => during(one, at))
  return Math.min(at, ...disturbed.map(({ from }) => from))
}
