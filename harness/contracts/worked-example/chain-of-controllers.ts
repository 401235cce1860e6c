import { isSuccess } from '../../judge/bindings.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { objects } from '../../judge/kubernetes-objects.ts'
import { namespaceOf, span } from '../../judge/scene.ts'
import { requireEvidence } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration } from '../../judge/words.ts'
import { twoCalls } from '../bounds.ts'
import { replicaSetController } from '../controller-manager.ts'
import { creates, creationOf, example, exampleDeployment, examplePods } from './trace.ts'

const deploymentController = 'system:serviceaccount:kube-system:deployment-controller'

/** FLOW-02 */
export const chainOfControllers: Contract = {
  id: 'FLOW-02',
  area: 'worked-example',
  promise:
    'The Deployment controller makes one ReplicaSet of it, the ReplicaSet controller as many pods as are wanted, and each is owned by the one before.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/controllers/deployment/',
  scenarios: ['worked-example'],
  judge(recording) {
    const deployment = exampleDeployment(recording)
    needWatched(recording, 'replicasets', span(recording).from, span(recording).until)
    const asked = creationOf(recording, 'deployments', example)
    const pods = examplePods(recording)
    const sets = objects(recording, 'replicasets')
      .in(namespaceOf(recording))
      .filter(({ versions }) =>
        versions.some(({ object }) => object.metadata.ownerReferences.some(({ uid }) => uid === deployment.uid)),
      )
    const [set] = sets
    if (!set || sets.length > 1) {
      return failed(`The Deployment ${example} owns ${counted(sets.length, 'ReplicaSet')}, one is right.`, {
        observed: counted(sets.length, 'ReplicaSet'),
      })
    }
    const wanted = requireEvidence(deployment.versions[0], 'The Deployment has no state.').object.spec.replicas
    if (pods.length !== wanted) {
      return failed(`${counted(pods.length, 'pod')} were created for ${wanted} wanted.`, {
        observed: `${pods.length} of ${wanted} pods`,
      })
    }
    const stray = pods.find(
      ({ versions }) => !versions[0]?.object.metadata.ownerReferences.some(({ uid }) => uid === set.uid),
    )
    if (stray)
      return failed(`${stray.name} is not owned by ReplicaSet ${set.name}.`, { observed: 'a pod of another owner' })

    const setRequests = creates(recording, 'replicasets').filter(isSuccess)
    const podRequests = creates(recording, 'pods').filter((one) => isSuccess(one) && one.user === replicaSetController)
    const byOther = setRequests.find(({ user }) => user !== deploymentController)
    if (byOther) return failed(`${byOther.user} created a ReplicaSet.`, { observed: byOther.user })
    if (setRequests.length !== 1 || podRequests.length !== pods.length) {
      return failed(
        `The audit log has ${counted(setRequests.length, 'request')} of the Deployment controller and ${podRequests.length} of the ReplicaSet controller for one ReplicaSet and ${counted(pods.length, 'pod')}.`,
        { observed: `${setRequests.length} + ${podRequests.length} creates` },
      )
    }
    const [setRequest] = setRequests
    const firstPod = Math.min(...podRequests.map(({ at }) => at))
    if (!setRequest || setRequest.at < asked.at || firstPod < setRequest.at) {
      return failed('The Deployment, its ReplicaSet and the pods were not asked for in that order.', {
        observed: 'wrong order',
      })
    }
    const last = Math.max(...pods.map(({ bornAt }) => bornAt))
    const ms = last - asked.at
    return timed(ms, twoCalls, {
      observed: `1 ReplicaSet, ${counted(pods.length, 'pod')}, the last ${duration(ms)} after the Deployment`,
      pass: `Each step was asked for by its own controller, in order, and each object is owned by the one before.`,
      late: `The last pod was created only ${duration(ms)} after the Deployment was asked for.`,
      moments: [{ at: last, label: 'all pods created' }],
    })
  },
}
