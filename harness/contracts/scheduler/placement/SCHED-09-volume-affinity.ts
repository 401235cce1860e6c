import { matchesTerms } from '../../../judge/cluster/node-fit.ts'
import { type PlacedPod, placedPods } from '../../../judge/cluster/placed-pods.ts'
import { defineContract, type Finding } from '../../../judge/contract.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import { type ObjectOf, objects } from '../../../judge/recording/kubernetes-objects.ts'
import type { Life, Version } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { requireNonEmpty } from '../../../judge/verdict/inconclusive.ts'
import { counted } from '../../../judge/verdict/format.ts'
import { noException } from '../../bounds.ts'

type Volume = ObjectOf<'persistentvolumes'>

/** A placed pod with a volume that only some Nodes can use. */
interface Pinned extends PlacedPod {
  readonly volume: Life<Volume>
}

const found = findings({
  PLACED_AWAY_FROM_VOLUME: ({ pod, node, volume }: Readonly<Record<'pod' | 'node' | 'volume', string>>) =>
    `The scheduler bound ${pod} to ${node}, which does not match the node affinity of its volume ${volume}.`,
  PLACED_AT_VOLUMES: ({ pods, waited }: { readonly pods: number; readonly waited: number }) =>
    `${counted(pods, 'pod')} got a Node that matches the node affinity of its volume; ${waited} waited for one.`,
})

/** SCHED-09. The node affinity of a volume can't change. */
export const volumeAffinity = defineContract<Pinned>({
  id: 'SCHED-09',
  area: 'scheduler',
  promise: 'The scheduler places a pod only on a Node that matches the node affinity of its PersistentVolumes.',
  reference: 'https://kubernetes.io/docs/concepts/storage/persistent-volumes/#node-affinity',
  stimulus: { needs: 'a pod that gets a Node and has a PersistentVolume with node affinity', find: pinnedPods },
  judge: (recording, all) => gravest(all, (one) => placedAtVolume(recording, one, all)),
})

function pinnedPods(recording: Recording): Pinned[] {
  const volumes = objects(recording, 'persistentvolumes').lives.filter((life) => termsOf(life) !== undefined)
  if (volumes.length === 0) return []
  const claims = objects(recording, 'persistentvolumeclaims')
  return placedPods(recording).flatMap((pod) => {
    const names = pod.placed.object.spec.volumes.flatMap(({ persistentVolumeClaim: one }) => one?.claimName ?? [])
    return names.flatMap((name) => {
      // A claim of this pod was bound at the latest when the pod got its Node, and stays bound.
      const claim = claims.named(pod.life.namespace, name).findLast(({ bornAt }) => bornAt <= pod.placed.at)
      const bound = claim?.first(({ spec }) => spec.volumeName !== '')?.object.spec.volumeName
      const volume = volumes.findLast((life) => life.name === bound && life.bornAt <= pod.placed.at)
      return volume ? [{ ...pod, volume }] : []
    })
  })
}

const termsOf = ({ versions }: Life<Volume>) => versions[0]?.object.spec.nodeAffinity.required?.nodeSelectorTerms

/** @throws InconclusiveError NOT_WATCHED, HOST_NOISE, NODE_UNKNOWN */
function placedAtVolume(recording: Recording, one: Pinned, all: readonly Pinned[]): Finding {
  const { life, node, placed, volume } = one
  requireWatched(recording, 'persistentvolumes', placed.at, placed.at)
  const [state] = requireNonEmpty(
    statesOf(recording, node, placed.resourceVersion),
    `The watch reported no state of ${node} from before ${life.name} was placed on it.`,
    'NODE_UNKNOWN',
  )
  const evidence = [volume.versions[0]?.record, state.record, placed.record].filter((record) => record !== undefined)
  if (!matchesTerms(termsOf(volume) ?? [], state.object.metadata.labels, node)) {
    const values = { pod: `${life.namespace}/${life.name}`, node, volume: volume.name }
    const details = { observed: 'a pod away from its volume', bound: noException, evidence }
    return found.fail('PLACED_AWAY_FROM_VOLUME', values, details)
  }
  const waited = all.filter(({ life: { versions } }) => versions.some(({ object }) => isDeclined(object))).length
  const observed = `${counted(all.length, 'pod')} at its volume, ${waited} after a wait`
  return found.pass('PLACED_AT_VOLUMES', { pods: all.length, waited }, { observed, bound: noException })
}

/** The state of a Node when the pod was placed, in a list of at most one. */
function statesOf(recording: Recording, node: string, revision: number): Version<ObjectOf<'nodes'>>[] {
  return objects(recording, 'nodes')
    .named('', node)
    .flatMap(({ versions }) => versions)
    .filter(({ resourceVersion, deleted }) => !deleted && resourceVersion < revision)
    .slice(-1)
}

function isDeclined({ status }: ObjectOf<'pods'>): boolean {
  return status.conditions.some(({ type, reason }) => type === 'PodScheduled' && reason === 'Unschedulable')
}
