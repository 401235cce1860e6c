import { JournalBuilder } from '../../../judge/testing/journal-builder.ts'
import { runningContainer } from '../../../judge/testing/cluster-facts.ts'
import type { JournalRecord } from '../../../record/records.ts'

export type PodState = 'pending' | 'ready' | 'unready' | 'terminating' | 'removed' | 'succeeded' | 'failed'

interface Owner {
  readonly kind: 'ReplicaSet' | 'Job'
  readonly name: string
}

/** Writes the objects of a Deployment whose pods are replaced, and of Jobs. */
export class WorkloadJournal extends JournalBuilder {
  #generation = 1

  /** The Deployment `web` with 4 replicas; by default its status counts all pods as up to date and available. */
  web(t: number, version: number, more: { readonly spec?: object; readonly status?: object } = {}): this {
    const spec = {
      replicas: 4,
      selector: { matchLabels: { app: 'web' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: 1, maxSurge: 1 } },
      progressDeadlineSeconds: 10,
      template: { metadata: { annotations: { version: String(version) } } },
      ...more.spec,
    }
    const counts = { replicas: 4, updatedReplicas: 4, availableReplicas: 4, observedGeneration: this.#generation }
    const metadata = { generation: this.#generation }
    const object = { metadata, spec, status: { ...counts, ...more.status } }
    return this.object(t, 'deployments', this.namespace, 'web', object, t < 1_000 ? 'added' : 'modified')
  }

  /** A new template, which the controller has not observed. */
  newVersion(t: number, version: number, spec: object = {}): this {
    this.#generation += 1
    return this.web(t, version, { spec, status: { observedGeneration: this.#generation - 1 } })
  }

  set(t: number, name: string, replicas: number): this {
    const uid = this.uid('deployments', this.namespace, 'web')
    const owner = { kind: 'Deployment', name: 'web', uid, controller: true }
    const object = { metadata: { ownerReferences: [owner] }, spec: { replicas } }
    return this.object(t, 'replicasets', this.namespace, name, object, 'modified')
  }

  ownedPod(t: number, name: string, owner: Owner, state: PodState): this {
    const resource = owner.kind === 'Job' ? 'jobs' : 'replicasets'
    const uid = this.uid(resource, this.namespace, owner.name)
    const ending = state === 'terminating' || state === 'removed'
    const phase = { succeeded: 'Succeeded', failed: 'Failed', pending: 'Pending' }[state as string] ?? 'Running'
    const podIP = `10.244.9.${this.uid('pods', this.namespace, name).replace('uid-', '')}`
    const object = {
      metadata: {
        labels: { app: 'web' },
        ownerReferences: [{ ...owner, uid, controller: true }],
        ...(ending ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
      },
      spec: { nodeName: 'worker1' },
      status: {
        phase,
        ...(state === 'pending' ? {} : { podIP, containerStatuses: runningContainer(podIP) }),
        conditions: [{ type: 'Ready', status: state === 'ready' || ending ? 'True' : 'False' }],
      },
    }
    const event = state === 'removed' ? 'deleted' : state === 'pending' ? 'added' : 'modified'
    return this.object(t, 'pods', this.namespace, name, object, event)
  }

  /** Renewals of the controller managers' Lease every 2 s, from one time to another. */
  controls(machine: string, from: number, until: number): this {
    const spec = { holderIdentity: `${machine}_x`, leaseDurationSeconds: 15 }
    for (let t = from; t <= until; t += 2_000) {
      this.object(t, 'leases', 'kube-system', 'kube-controller-manager', { spec }, t < 10 ? 'listed' : 'modified')
    }
    return this
  }

  /** The request of a controller, or of another client, to delete a pod. */
  deletes(t: number, pod: string, user = 'system:serviceaccount:kube-system:replicaset-controller'): this {
    return this.request(t, { verb: 'delete', name: pod, user, code: 200 })
  }
}

export const oldSet = { kind: 'ReplicaSet', name: 'web-old' } as const
export const newSet = { kind: 'ReplicaSet', name: 'web-new' } as const

/**
 * Four pods are Ready at 2 s; the template changes at 10 s; one new pod is there before the second old one is removed.
 * Until `pauseMs` later nothing follows the first two new pods.
 */
export function rollout(before: (builder: WorkloadJournal) => void = () => undefined, pauseMs = 0): JournalRecord[] {
  const builder = new WorkloadJournal('rollout')
  builder.web(900, 1).set(950, 'web-old', 4)
  for (const pod of ['a1', 'a2', 'a3', 'a4']) {
    builder.ownedPod(1_000, pod, oldSet, 'pending').ownedPod(2_000, pod, oldSet, 'ready')
  }
  builder.web(2_100, 1).newVersion(10_000, 2).set(10_010, 'web-new', 1).set(10_020, 'web-old', 3)
  builder.ownedPod(10_030, 'b1', newSet, 'pending')
  builder.deletes(10_040, 'a1').ownedPod(10_045, 'a1', oldSet, 'terminating').set(10_050, 'web-new', 2)
  builder.ownedPod(10_060, 'b2', newSet, 'pending').ownedPod(11_000, 'a1', oldSet, 'removed')
  before(builder)
  builder.ownedPod(12_000, 'b1', newSet, 'ready').ownedPod(12_010, 'b2', newSet, 'ready')
  return pauseMs < Infinity ? lastSteps(builder, pauseMs) : builder.journal(60_000)
}

function lastSteps(builder: WorkloadJournal, late: number): JournalRecord[] {
  builder.set(late + 12_990, 'web-old', 1)
  for (const pod of ['a2', 'a3']) {
    builder.deletes(late + 13_000, pod).ownedPod(late + 13_005, pod, oldSet, 'terminating')
  }
  builder.set(late + 13_050, 'web-new', 4)
  for (const pod of ['b3', 'b4']) builder.ownedPod(late + 13_100, pod, newSet, 'pending')
  for (const pod of ['a2', 'a3']) builder.ownedPod(late + 13_900, pod, oldSet, 'removed')
  for (const pod of ['b3', 'b4']) builder.ownedPod(late + 15_000, pod, newSet, 'ready')
  builder.set(late + 15_050, 'web-old', 0).deletes(late + 15_100, 'a4')
  builder.ownedPod(late + 15_105, 'a4', oldSet, 'terminating').ownedPod(late + 16_000, 'a4', oldSet, 'removed')
  return builder.web(late + 16_100, 2).journal(60_000)
}
