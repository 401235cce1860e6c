import { audited } from '../../judge/recording/audited.ts'
import { isSuccess } from '../../judge/cluster/bindings.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { type Pod, hasCondition } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { duration } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { reconcile, watchDelayMs } from '../bounds.ts'
import { packetsDisturbed } from '../kube-proxy/disturbances.ts'
import { type Chain, chainsOf } from './chains.ts'
import { isJudgeable, tookMs } from './expected.ts'
import { isTimed, start, startBound, startState, waitsForReason } from './pod-start.ts'

interface Run {
  readonly pod: string
  readonly node: string
  readonly afterMs: number
  /** `Ready`, or `running` where a probe of the pod decides what is Ready. */
  readonly state: string
  /** Whether a recorded `kubectl get pods -o wide` shows the same. */
  readonly kubectl: boolean
}

const found = findings({
  WRONG_NODE: ({ pod, node, runs }: { readonly pod: string; readonly node: string; readonly runs: string }) =>
    `Containers of ${pod} run on ${runs}; it was bound to ${node}.`,
  NOT_IN_RUNTIME: ({ pod, node }: { readonly pod: string; readonly node: string }) =>
    `The runtime of ${node} listed no container of ${pod} while the pod was Ready.`,
  NOT_REPORTED: ({ pod, node }: { readonly pod: string; readonly node: string }) =>
    `The kubelet of ${node} never reported the status of ${pod}.`,
  FOREIGN_REPORT: ({ pod, node, user }: { readonly pod: string; readonly node: string; readonly user: string }) =>
    `${user} reported the status of ${pod}, which is on ${node}.`,
  KUBECTL_DISAGREES: ({ pod, node, line }: { readonly pod: string; readonly node: string; readonly line: string }) =>
    `kubectl does not show ${pod} as running on ${node}: "${line}".`,
  NEVER_READY: ({ pod, afterMs }: { readonly pod: string; readonly afterMs: number }) =>
    `${pod} was not Ready ${duration(afterMs)} after it was created.`,
  RUN_AND_REPORTED: ({ pod, node, state, afterMs, kubectl }: Run) =>
    `Only the kubelet of ${node} ran ${pod} and reported it ${state} ${duration(afterMs)} after it was created${kubectl ? '; kubectl shows the same' : ''}.`,
  READY_LATE: ({ pod, state, afterMs }: Run) => `${pod} was ${state} ${duration(afterMs)} after it was created.`,
})

interface Placed {
  readonly chain: Chain
  readonly life: Life<Pod>
  readonly node: string
}

export const runByKubelet = defineContract<Placed>({
  id: 'FLOW-04',
  area: 'worked-example',
  promise: 'Only the kubelet of the Node that a pod was bound to runs its containers and reports it Ready.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/',
  stimulus: {
    needs: 'a bound pod of a Deployment that a user created without a fault at that time',
    find: (recording) => chainsOf(recording).flatMap((chain) => placedPods(recording, chain)),
  },
  judge: (recording, placed) => gravest(placed, (one) => onPod(recording, one)),
})

/**
 * Left out: pods whose own containers delay them, pods that need extra time to start, and pods that no listing could
 * show.
 */
function placedPods(recording: Recording, chain: Chain): Placed[] {
  return chain.pods.flatMap((life) => {
    const node = life.first(({ spec }) => spec.nodeName !== undefined)?.object.spec.nodeName
    const isHeld = !isTimed(life) || (start(life).at === undefined && waitsForReason(life))
    if (node === undefined || isHeld || !wasListed(recording, life, node)) return []
    const expected = start(life, startBound(recording, life, node))
    return isJudgeable(recording, chain, expected) ? [{ chain, life, node }] : []
  })
}

/** Whether the Node's runtime was listed while it ran the pod; a pod that never ran is judged as well. */
function wasListed(recording: Recording, life: Life<Pod>, node: string): boolean {
  const from = start(life).at
  if (from === undefined) return true
  const until = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)?.at ?? life.deletedAt
  return recording.of('containers').some(({ machine, at }) => machine === node && from <= at && at < until)
}

function onPod(recording: Recording, placed: Placed): Finding {
  const { chain, life, node } = placed
  const broken = firstBreach(
    () => wrongRuntime(recording, placed),
    () => wrongReport(recording, placed),
  )
  if (broken) return broken
  const pod = life.name
  const bound = startBound(recording, life, node)
  const afterMs = tookMs(chain, start(life, bound), `${pod} had to be Ready`)
  if (afterMs === undefined) {
    const waited = chain.endsAt - life.bornAt
    return found.fail('NEVER_READY', { pod, afterMs: waited }, { observed: 'a pod that is not Ready', bound })
  }
  const table = tableOf(recording, placed)
  const line = table?.stdout.split('\n').find((text) => text.split(/\s+/).includes(pod)) ?? ''
  if (table && !(line.includes('Running') && line.split(/\s+/).includes(node))) {
    return found.fail(
      'KUBECTL_DISAGREES',
      { pod, node, line: line.trim() },
      { observed: 'kubectl disagrees', evidence: [table] },
    )
  }
  return found.timed(
    { pass: 'RUN_AND_REPORTED', late: 'READY_LATE' },
    { pod, node, state: startState(life), afterMs, kubectl: table !== undefined },
    afterMs,
    bound,
    { observed: `${startState(life)} after ${duration(afterMs)}`, ...(table ? { evidence: [table] } : {}) },
  )
}

/** A listing takes some time, and a watch reports an end some time later. */
const aroundListingMs = reconcile.limit

/**
 * A listing of the Node's runtime without the pod, taken while the pod was Ready and no fault may have stopped its
 * containers.
 */
function notInRuntime(recording: Recording, { chain, life, node }: Placed): Finding | undefined {
  const isReady = (from: number, until: number): boolean => {
    const during = life.versions.filter(({ at }, n) => at <= until && (life.versions[n + 1]?.at ?? Infinity) > from)
    return (
      life.bornAt <= from &&
      during.every(
        ({ deleted, object }) =>
          !deleted && object.metadata.deletionTimestamp === undefined && hasCondition(object, 'Ready', 'True'),
      )
    )
  }
  const { until } = span(recording)
  const without = recording
    .of('containers')
    .find(
      ({ machine, at, containers }) =>
        machine === node &&
        at + aroundListingMs <= until &&
        isReady(at - watchDelayMs, at + aroundListingMs) &&
        !packetsDisturbed(recording, { from: at, until: at + aroundListingMs }, [node]) &&
        !containers.some((one) => one.namespace === chain.namespace && one.pod === life.name),
    )
  const values = { pod: life.name, node }
  return without && found.fail('NOT_IN_RUNTIME', values, { observed: 'a Ready pod does not run', evidence: [without] })
}

/** @throws InconclusiveError where no runtime was listed while the pod existed */
function wrongRuntime(recording: Recording, placed: Placed): Finding | undefined {
  const { chain, life, node } = placed
  const hosts = recording
    .of('containers')
    .filter(({ containers }) => containers.some((one) => one.namespace === chain.namespace && one.pod === life.name))
  const wrong = hosts.find(({ machine }) => machine !== node)
  if (wrong) {
    const values = { pod: life.name, node, runs: wrong.machine }
    return found.fail('WRONG_NODE', values, { observed: 'a container on a wrong Node', evidence: [wrong] })
  }
  const missing = notInRuntime(recording, placed)
  if (!missing && hosts.length === 0)
    throw new InconclusiveError(`No container of ${life.name} was listed by any runtime.`, 'NOT_LOOKED_AT')
  return missing
}

function wrongReport(recording: Recording, { chain, life, node }: Placed): Finding | undefined {
  const pod = life.name
  const kubelet = `system:node:${node}`
  const reports = audited(recording)
    .filter((one) => one.resource === 'pods' && one.subresource === 'status' && one.verb === 'patch')
    .filter((one) => one.namespace === chain.namespace && one.name === pod && isSuccess(one))
  const other = reports.find(({ user }) => user.startsWith('system:node:') && user !== kubelet)
  if (other) {
    const { user } = other
    return found.fail('FOREIGN_REPORT', { pod, node, user }, { observed: user, evidence: [other] })
  }
  if (reports.some(({ user }) => user === kubelet) || start(life).at === undefined) return undefined
  return found.fail('NOT_REPORTED', { pod, node }, { observed: 'no status of the kubelet' })
}

/** A table of all pods that was recorded while the pod was Ready and nothing had interrupted the chain. */
function tableOf(recording: Recording, { chain, life }: Placed): RecordOf<'command'> | undefined {
  const ready = start(life).at ?? Infinity
  return recording
    .of('command')
    .filter(({ argv }) => ['kubectl', 'pods', 'wide', '--all-namespaces'].every((word) => argv.includes(word)))
    .find(({ at, endedAt }) => ready <= at && endedAt <= chain.endsAt)
}
