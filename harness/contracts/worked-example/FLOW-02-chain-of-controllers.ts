import { audited } from '../../judge/recording/audited.ts'
import { isSuccess } from '../../judge/cluster/bindings.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { firstBreach, gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { twoCalls } from '../bounds.ts'
import { replicaSetController } from '../kube-controller-manager/pod-requests.ts'
import { type Chain, chainsOf, isCreation } from './chains.ts'
import { type Expected, isJudgeable, tookMs } from './expected.ts'
import { deploymentFields } from './fields.ts'

/** Whether each controller has a service account of its own. */
const managers = {
  replicasets: ['system:serviceaccount:kube-system:deployment-controller', 'system:kube-controller-manager'],
  pods: [replicaSetController, 'system:kube-controller-manager'],
} as const

interface Created {
  readonly deployment: string
  readonly pods: number
  readonly wanted: number
  readonly afterMs: number
}

const found = findings({
  SEVERAL_REPLICASETS: ({ deployment, sets }: { readonly deployment: string; readonly sets: number }) =>
    `Deployment ${deployment} owns ${counted(sets, 'ReplicaSet')} instead of 1.`,
  TOO_MANY_PODS: ({ deployment, pods, wanted }: Omit<Created, 'afterMs'>) =>
    `${counted(pods, 'pod')} were created for the ${wanted} wanted replicas of Deployment ${deployment}.`,
  PODS_MISSING: ({ deployment, pods, wanted, afterMs }: Created) =>
    `${pods} of ${counted(wanted, 'pod')} of Deployment ${deployment} existed ${duration(afterMs)} after the request.`,
  FOREIGN_CREATOR: ({ user, resource }: { readonly user: string; readonly resource: string }) =>
    `${user} created ${resource} that belong to a Deployment.`,
  WRONG_ORDER: ({ deployment }: { readonly deployment: string }) =>
    `The requests for Deployment ${deployment}, its ReplicaSet and its pods did not arrive in that order.`,
  CHAIN_CREATED: ({ deployment, pods, afterMs }: Created) =>
    `Each controller requested its own objects, in order: 1 ReplicaSet and ${counted(pods, 'pod')} of Deployment ${deployment}, the last after ${duration(afterMs)}.`,
  CHAIN_LATE: ({ deployment, afterMs }: Created) =>
    `The last pod of Deployment ${deployment} was created ${duration(afterMs)} after the request.`,
})

export const chainOfControllers = defineContract<Chain>({
  id: 'FLOW-02',
  area: 'worked-example',
  promise:
    'The Deployment controller creates one ReplicaSet, the ReplicaSet controller creates the wanted number of pods, and each object is owned by the one before.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/',
  stimulus: {
    needs: 'a Deployment with replicas that a user created without a fault at that time',
    find: (recording) =>
      chainsOf(recording).filter(
        (chain) => isRolledOut(recording, chain) && isJudgeable(recording, chain, created(chain)),
      ),
  },
  judge: (recording, chains) => gravest(chains, (chain) => onChain(recording, chain)),
})

/**
 * Left out: a Deployment that is paused, wants no pod, adopts an existing ReplicaSet, or is not allowed to create its
 * pods.
 */
function isRolledOut(recording: Recording, { namespace, request, deployment, sets, endsAt }: Chain): boolean {
  const first = deployment?.versions[0]
  if (!first || first.object.spec.replicas === 0 || deploymentFields(first).spec.paused) return false
  const refused = recording
    .of('audit')
    .some(
      (one) =>
        one.namespace === namespace &&
        one.verb === 'create' &&
        one.resource === 'pods' &&
        one.subresource === '' &&
        one.code === 403 &&
        request.at <= one.at &&
        one.at <= endsAt,
    )
  return !refused && sets.every(({ listed, bornAt }) => !listed && bornAt >= request.at)
}

function wantedBy({ deployment }: Chain): number {
  return deployment?.versions[0]?.object.spec.replicas ?? 0
}

function created(chain: Chain): Expected {
  const births = chain.pods.map(({ bornAt }) => bornAt).sort((a, b) => a - b)
  return { from: chain.request.at, at: births[wantedBy(chain) - 1], limit: twoCalls.limit }
}

function onChain(recording: Recording, chain: Chain): Finding {
  const { request, sets, endsAt } = chain
  const wanted = wantedBy(chain)
  const deployment = `${chain.namespace}/${chain.name}`
  const before = sets.filter(({ bornAt }) => bornAt <= endsAt)
  const pods = chain.pods.filter(({ bornAt }) => bornAt <= endsAt).length
  const evidence = [request, ...[...sets, ...chain.pods].flatMap(({ versions }) => versions[0]?.record ?? [])]
  if (before.length > 1)
    return found.fail(
      'SEVERAL_REPLICASETS',
      { deployment, sets: before.length },
      { observed: counted(before.length, 'ReplicaSet'), evidence },
    )
  if (pods > wanted)
    return found.fail(
      'TOO_MANY_PODS',
      { deployment, pods, wanted },
      { observed: `${pods} of ${wanted} pods`, evidence },
    )
  const afterMs = tookMs(chain, created(chain), 'its pods had to be created')
  if (afterMs === undefined) {
    const values = { deployment, pods, wanted, afterMs: endsAt - request.at }
    return found.fail('PODS_MISSING', values, { observed: `${pods} of ${wanted} pods`, bound: twoCalls, evidence })
  }
  const broken = firstBreach(
    () => foreignRequest(recording, chain),
    () => wrongRequests(recording, chain),
  )
  if (broken) return broken
  return found.timed(
    { pass: 'CHAIN_CREATED', late: 'CHAIN_LATE' },
    { deployment, pods, wanted, afterMs },
    afterMs,
    twoCalls,
    {
      observed: `1 ReplicaSet, ${counted(pods, 'pod')}, the last after ${duration(afterMs)}`,
      moments: [{ at: request.at + afterMs, label: 'all pods created' }],
      evidence,
    },
  )
}

/** A request of another user for the ReplicaSet, also where other requests are missing. */
function foreignRequest(recording: Recording, { namespace, sets }: Chain): Finding | undefined {
  const request = recording
    .of('audit')
    .find(
      (one) =>
        one.namespace === namespace &&
        one.resource === 'replicasets' &&
        one.name === sets[0]?.name &&
        isCreation(one) &&
        !isManager('replicasets', one.user),
    )
  return request && foreign(request)
}

/** @throws InconclusiveError where the audit log lacks the requests that must have created the objects */
function wrongRequests(recording: Recording, chain: Chain): Finding | undefined {
  const { namespace, request, sets, pods } = chain
  const last = Math.max(...pods.map(({ bornAt }) => bornAt))
  const requests = audited(recording).filter(
    (one) => one.namespace === namespace && one.verb === 'create' && one.subresource === '' && isSuccess(one),
  )
  const [setRequest] = requests.filter((one) => one.resource === 'replicasets' && one.name === sets[0]?.name)
  if (!setRequest)
    throw new InconclusiveError(`The request that created ${sets[0]?.name} was not recorded.`, 'NOT_AUDITED')
  const podRequests = requests.filter((one) => one.resource === 'pods' && request.at <= one.at && one.at <= last)
  const own = podRequests.filter(({ user }) => isManager('pods', user))
  if (!isManager('replicasets', setRequest.user)) return foreign(setRequest)
  if (own.length < pods.length) {
    const [other] = podRequests.filter(({ user }) => !isManager('pods', user))
    if (other) return foreign(other)
    throw new InconclusiveError(`The requests that created the pods of ${chain.name} were not recorded.`, 'NOT_AUDITED')
  }
  const first = Math.min(...own.map(({ at }) => at))
  const isOrdered = request.at <= setRequest.at && (setRequest.at <= first || others(recording, chain))
  if (isOrdered) return undefined
  return found.fail(
    'WRONG_ORDER',
    { deployment: `${namespace}/${chain.name}` },
    { observed: 'wrong order', evidence: [request, setRequest, ...own] },
  )
}

/** Whether pods of other ReplicaSets were created there too: the log lacks the name of a pod that the server named. */
function others(recording: Recording, { namespace, request, sets }: Chain): boolean {
  return recording
    .of('audit')
    .some(
      (one) =>
        one.resource === 'replicasets' &&
        isCreation(one) &&
        one.namespace === namespace &&
        one.name !== sets[0]?.name &&
        one.at >= request.at,
    )
}

function isManager(resource: keyof typeof managers, user: string): boolean {
  return managers[resource].some((one) => one === user)
}

function foreign(request: RecordOf<'audit'>): Finding {
  const { user, resource } = request
  return found.fail('FOREIGN_CREATOR', { user, resource }, { observed: user, evidence: [request] })
}
