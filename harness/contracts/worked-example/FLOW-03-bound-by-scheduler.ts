import { type Binding, bindings, schedulerUser } from '../../judge/cluster/bindings.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { type Pod, unplaceable } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { duration } from '../../judge/verdict/format.ts'
import { podStart } from '../bounds.ts'
import { type Chain, chainsOf } from './chains.ts'
import { type Expected, isJudgeable, tookMs } from './expected.ts'
import { podFields } from './fields.ts'

interface Bound {
  readonly pod: string
  readonly node: string
  readonly afterMs: number
}

const found = findings({
  FOREIGN_BINDING: ({ user, pod, node }: { readonly user: string; readonly pod: string; readonly node: string }) =>
    `${user} requested to bind ${pod} to ${node}.`,
  BOUND_SEVERAL_TIMES: ({ pod, nodes }: { readonly pod: string; readonly nodes: readonly string[] }) =>
    `${pod} was bound ${nodes.length} times (${nodes.join(', ')}) instead of once.`,
  BOUND_ELSEWHERE: ({ pod, node, placed }: { readonly pod: string; readonly node: string; readonly placed: string }) =>
    `${pod} was bound to ${node || 'no Node'} and is on ${placed}.`,
  NEVER_BOUND: ({ pod, afterMs }: { readonly pod: string; readonly afterMs: number }) =>
    `${pod} had no Node ${duration(afterMs)} after it was created.`,
  BOUND_ONCE: ({ pod, node, afterMs }: Bound) =>
    `The scheduler bound ${pod} to ${node} once, ${duration(afterMs)} after it was created.`,
  BOUND_LATE: ({ pod, afterMs }: Bound) => `${pod} got its Node ${duration(afterMs)} after it was created.`,
})

interface Waiting {
  readonly chain: Chain
  readonly life: Life<Pod>
}

export const boundByScheduler = defineContract<Waiting>({
  id: 'FLOW-03',
  area: 'worked-example',
  promise:
    'The scheduler gives each pod of a Deployment a Node with one binding, and no other client binds any of them.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/',
  stimulus: {
    needs: 'a pod of a Deployment that a user created without a fault at that time',
    find: (recording) =>
      chainsOf(recording)
        .flatMap((chain) => chain.pods.map((life) => ({ chain, life })))
        .filter(({ chain, life }) => isScheduled(life) && isJudgeable(recording, chain, placement(life))),
  },
  judge: (recording, waiting) => gravest(waiting, (one) => onPod(recording, one)),
})

/** Left out: pods of another scheduler, with a Node in their template, or with a documented reason to wait. */
function isScheduled({ versions }: Life<Pod>): boolean {
  const [first] = versions
  if (!first || first.object.spec.nodeName !== undefined) return false
  if (podFields(first).spec.schedulerName !== 'default-scheduler') return false
  return versions.every(({ object }) => unplaceable(object) === undefined)
}

function placement(life: Life<Pod>): Expected {
  const at = life.first(({ spec }) => spec.nodeName !== undefined)?.at
  return { from: life.bornAt, at, limit: podStart.limit }
}

function onPod(recording: Recording, { chain, life }: Waiting): Finding {
  const own = bindings(recording).filter(({ namespace, pod }) => namespace === chain.namespace && pod === life.name)
  const broken = wrongBinding(own, life)
  if (broken) return broken
  const pod = life.name
  const afterMs = tookMs(chain, placement(life), `${pod} had to be bound`)
  if (afterMs === undefined) {
    const waited = chain.endsAt - life.bornAt
    return found.fail('NEVER_BOUND', { pod, afterMs: waited }, { observed: 'a pod without a Node', bound: podStart })
  }
  const node = own.find(({ bound }) => bound)?.node ?? ''
  return found.timed({ pass: 'BOUND_ONCE', late: 'BOUND_LATE' }, { pod, node, afterMs }, afterMs, podStart, {
    observed: `bound once, after ${duration(afterMs)}`,
    evidence: own.map(({ record }) => record),
  })
}

function wrongBinding(own: readonly Binding[], life: Life<Pod>): Finding | undefined {
  const pod = life.name
  const evidence = own.map(({ record }) => record)
  const foreign = own.find(({ user }) => user !== schedulerUser)
  if (foreign) {
    const { user, node } = foreign
    return found.fail('FOREIGN_BINDING', { user, pod, node }, { observed: user, evidence })
  }
  const granted = own.filter(({ bound }) => bound)
  if (granted.length > 1) {
    const nodes = granted.map(({ node }) => node)
    return found.fail(
      'BOUND_SEVERAL_TIMES',
      { pod, nodes },
      { observed: `${granted.length} bindings of a pod`, evidence },
    )
  }
  const placed = life.first(({ spec }) => spec.nodeName !== undefined)?.object.spec.nodeName
  const node = granted[0]?.node ?? ''
  if (placed === undefined || placed === node) return undefined
  return found.fail('BOUND_ELSEWHERE', { pod, node, placed }, { observed: 'a binding that did not hold', evidence })
}
