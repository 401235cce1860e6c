import { isSuccess } from '../../judge/cluster/bindings.ts'
import { defineContract, type Finding } from '../../judge/contract.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import { audited } from '../../judge/recording/audited.ts'
import { objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import { counted, listed } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { noException, watchDelayMs } from '../bounds.ts'
import { ownFaultTimes } from './kubelet-times.ts'
import { evictingTaints, outOfService } from './evicting-taints.ts'
import { podName } from './tainted-pods.ts'
import { type Silence, silences } from './silences.ts'

/** A pod whose deletion was requested while its Node sent no heartbeat. */
interface Waiting {
  readonly silence: Silence
  readonly life: Life<Pod>
  readonly requested: Version<Pod>
}

interface Place {
  readonly pod: string
  readonly node: string
}

const found = findings({
  REMOVED_UNCONFIRMED: ({ pod, node, users }: Place & { readonly users: readonly string[] }) =>
    `${pod} was removed from the API while ${node} sent no heartbeat, without a confirmation of its kubelet; ${users.length > 0 ? `${listed(users)} requested it` : 'the audit log has no request for it'}.`,
  CONTAINERS_ENDED: ({ pod, node }: Place) =>
    `The containers of ${pod} had ended on ${node} while the Node sent no heartbeat.`,
  OBJECTS_KEPT: ({ pods, listed: seen }: { readonly pods: number; readonly listed: number }) =>
    `${counted(pods, 'terminating pod')} of silent Nodes stayed in the API until a kubelet confirmed; ${counted(seen, 'pod')} still ran by the listings of the Nodes' runtimes.`,
})

/** NODE-06. KLET-06 judges that a kubelet that returns ends such pods. */
export const waitsForConfirmation = defineContract<Waiting>({
  id: 'NODE-06',
  area: 'nodes',
  promise:
    'Pods of a Node that sends no heartbeat continue to run there, and the control plane does not remove them from the API until the kubelet confirms their end.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/nodes/',
  stimulus: { needs: 'a pod that is to be deleted on a Node that sends no heartbeat', find: waiting },
  judge: (recording, all) => gravest(all, (one) => kept(recording, one, all)),
})

function waiting(recording: Recording): Waiting[] {
  const shutDown = evictingTaints(recording).filter(({ key }) => key === outOfService)
  return silences(recording).flatMap((silence) => {
    const { node, life: own, heartbeat } = silence
    const taint = shutDown.find((one) => one.node === own && one.added.at < silence.until && one.until > heartbeat.at)
    // An administrator reports by this taint that the pods have ended.
    const until = Math.min(silence.until, taint?.added.at ?? Infinity)
    return objects(recording, 'pods').lives.flatMap((life): Waiting[] => {
      const requested = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)
      const isOn = requested?.object.spec.nodeName === node
      if (!requested || !isOn || requested.at <= heartbeat.at + watchDelayMs || requested.at >= until) return []
      return [{ silence: { ...silence, until }, life, requested }]
    })
  })
}

function kept(recording: Recording, one: Waiting, all: readonly Waiting[]): Finding {
  const { silence, life, requested } = one
  const { node, until } = silence
  requireWatched(recording, 'pods', requested.at, until)
  const values = { pod: podName(life), node }
  const details = silence.fault === undefined ? {} : { fault: silence.fault }
  if (life.deletedAt < until) {
    const users = removers(recording, one)
    if (users) {
      const evidence = [requested.record, ...life.versions.slice(-1).map(({ record }) => record)]
      const observed = 'a pod removed without a confirmation'
      return found.fail(
        'REMOVED_UNCONFIRMED',
        { ...values, users },
        { ...details, observed, measured: 1, bound: noException, evidence },
      )
    }
  }
  const ended = endedIn(recording, one)
  if (ended) {
    const evidence = [requested.record, ended]
    return found.fail('CONTAINERS_ENDED', values, { ...details, observed: 'containers that ended', evidence })
  }
  const seen = all.filter((each) => listing(recording, each)).length
  const observed = `${counted(all.length, 'terminating pod')} kept`
  const evidence = [requested.record]
  return found.pass(
    'OBJECTS_KEPT',
    { pods: all.length, listed: seen },
    { ...details, observed, measured: 0, bound: noException, evidence },
  )
}

const controllers = /^system:(serviceaccount:kube-system:|kube-controller-manager$|kube-scheduler$)/

/** The users that removed a pod; undefined where its kubelet confirmed its end, or a user deleted it by force. @throws InconclusiveError NOT_AUDITED */
function removers(recording: Recording, { silence: { node }, life }: Waiting): string[] | undefined {
  const requests = audited(recording).filter(
    (one) =>
      one.verb === 'delete' &&
      one.resource === 'pods' &&
      one.subresource === '' &&
      one.namespace === life.namespace &&
      one.name === life.name &&
      isSuccess(one),
  )
  if (requests.length === 0)
    throw new InconclusiveError(`No request to delete ${podName(life)} was audited.`, 'NOT_AUDITED')
  const users = [...new Set(requests.map(({ user }) => user))]
  return users.some((user) => user === `system:node:${node}` || !controllers.test(user)) ? undefined : users
}

type Listing = RecordOf<'containers'>

/** The last listing of the Node's runtime after the request and before the next heartbeat. */
function listing(recording: Recording, { silence, requested }: Waiting): Listing | undefined {
  const { node, until } = silence
  return recording
    .of('containers')
    .findLast(({ machine, at }) => machine === node && requested.at <= at && at < until - watchDelayMs)
}

/** A listing without the containers of the pod, of a machine that ran on: no heartbeat may mean that it was off. */
function endedIn(recording: Recording, one: Waiting): Listing | undefined {
  const { silence, life, requested } = one
  const own = ({ containers }: Listing): boolean =>
    containers.some(({ namespace, pod }) => namespace === life.namespace && pod === life.name)
  const last = listing(recording, one)
  const before = recording.of('containers').findLast(({ machine, at }) => machine === silence.node && at < requested.at)
  if (!last || !before || !own(before) || own(last)) return undefined
  // A kubelet that the fault has left may end the pod before its next heartbeat arrives.
  return ownFaultTimes(recording, silence.node).some(({ from, until }) => from <= before.at && last.at < until)
    ? last
    : undefined
}
