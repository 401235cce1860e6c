import { type ObjectOf, type Pod, hasCondition, matches, objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { type EndpointState, endpointStates, readyPods } from '../../judge/cluster/service-endpoints.ts'
import { requireWatched } from '../../judge/coverage/watch-coverage.ts'
import type { RecordOf } from '../../record/records.ts'
import { twoCalls } from '../bounds.ts'
import { type Chain, chainsOf, isCreation } from './chains.ts'
import { type Expected, isJudgeable } from './expected.ts'
import { serviceFields } from './fields.ts'

type Service = Life<ObjectOf<'services'>>

/** A Service that was created for the pods of a chain, all of them Ready. */
export interface Exposed {
  readonly chain: Chain
  readonly life: Service
  /** `<namespace>/<name>` */
  readonly service: string
  readonly address: string
  readonly request: RecordOf<'audit'>
  readonly pods: readonly string[]
  readonly states: readonly EndpointState[]
  readonly complete: Expected & { readonly state: EndpointState | undefined }
}

/** Every Service with an address of its own that selects exactly the pods of one chain. */
export function exposedChains(recording: Recording): Exposed[] {
  return chainsOf(recording).flatMap((chain) =>
    objects(recording, 'services')
      .in(chain.namespace)
      .filter((life) => hasOwnAddress(life) && selectsOnly(recording, life, chain))
      .flatMap((life) => exposed(recording, chain, life))
      .filter(({ complete }) => isJudgeable(recording, chain, complete)),
  )
}

function exposed(recording: Recording, chain: Chain, life: Service): Exposed[] {
  const { namespace, name } = life
  const request = recording
    .of('audit')
    .find((one) => one.resource === 'services' && isCreation(one) && one.namespace === namespace && one.name === name)
  const ready = chain.pods.map((pod) => pod.first((state) => hasCondition(state, 'Ready', 'True'))?.at ?? Infinity)
  const from = Math.max(request?.at ?? Infinity, ...ready)
  if (!request || ready.length === 0 || from > chain.endsAt) return []
  requireWatched(recording, 'services', request.at, chain.endsAt)
  requireWatched(recording, 'endpointslices', request.at, chain.endsAt)
  const service = `${namespace}/${name}`
  const pods = chain.pods.map((pod) => pod.name).sort()
  const states = endpointStates(recording, service)
  const state = states.find(({ endpoints }) => readyPods(endpoints).join() === pods.join())
  const address = life.versions[0]?.object.spec.clusterIP ?? ''
  const complete = { from, at: state?.at, limit: twoCalls.limit, state }
  return [{ chain, life, service, address, request, pods, states, complete }]
}

function hasOwnAddress({ listed, versions }: Service): boolean {
  const spec = versions[0]?.object.spec
  return (
    !listed &&
    spec !== undefined &&
    spec.type !== 'ExternalName' &&
    spec.clusterIP !== undefined &&
    !['', 'None'].includes(spec.clusterIP) &&
    !spec.publishNotReadyAddresses
  )
}

function selectsOnly(
  recording: Recording,
  { versions }: Service,
  { namespace, pods, request, endsAt }: Chain,
): boolean {
  const [first] = versions
  const selector = (first && serviceFields(first).spec.selector) ?? {}
  const selected = objects(recording, 'pods')
    .in(namespace)
    .filter((life) => life.bornAt <= endsAt && life.deletedAt > request.at && isSelected(life, selector))
  return selected.length === pods.length && selected.every((life) => pods.includes(life))
}

function isSelected({ versions }: Life<Pod>, selector: Readonly<Record<string, string>>): boolean {
  return versions.some(({ object }) => matches(object.metadata.labels, selector))
}

/** Whether each ready pod may answer a client on each Node: without affinity and traffic policies. */
export function isBalanced({ versions }: Service): boolean {
  return versions.every(
    (version) =>
      version.object.spec.sessionAffinity === 'None' &&
      version.object.spec.internalTrafficPolicy === 'Cluster' &&
      serviceFields(version).spec.trafficDistribution === undefined,
  )
}
