import { defineContract, type Finding } from '../../../judge/contract.ts'
import { type PlacedPod, placedPods } from '../../../judge/cluster/placed-pods.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import { objects, type Pod } from '../../../judge/recording/kubernetes-objects.ts'
import { type LabelSelector, selects } from '../../../judge/recording/label-selector.ts'
import type { Life } from '../../../judge/recording/object-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { counted } from '../../../judge/verdict/format.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { InconclusiveError, requireNonEmpty } from '../../../judge/verdict/inconclusive.ts'
import { noException, watchDelayMs } from '../../bounds.ts'
import { decisionOn } from '../decisions.ts'
import { type Neighbour, neighbours, nodeStates } from './neighbours.ts'

interface Together {
  readonly pod: string
  readonly other: string
  readonly topologyKey: string
  readonly domain: string
}

const found = findings({
  PLACED_TOGETHER: ({ pod, other, topologyKey, domain }: Together) =>
    `The scheduler placed ${pod} where ${topologyKey} is ${domain}. ${other} was there, and required anti-affinity excludes that.`,
  PLACED_APART: ({ pods, waiting }: { readonly pods: number; readonly waiting: number }) =>
    `The scheduler placed ${counted(pods, 'pod')} with required anti-affinity, each apart from the pods that it excludes; ${waiting} found no place and waited.`,
})

/** SCHED-07. Anti-affinity is mutual: a pod is also kept away from pods that exclude it. */
export const antiAffinity = defineContract<PlacedPod>({
  id: 'SCHED-07',
  area: 'scheduler',
  promise:
    'The scheduler places no pod in a topology domain where required pod anti-affinity, its own or that of a pod there, excludes it.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/assign-pod-node/',
  stimulus: { needs: 'a placed pod with required pod anti-affinity', find: placedWithTerms },
  judge(recording, all) {
    const waiting = objects(recording, 'pods').lives.filter(isWaiting).length
    const concerned = placedPods(recording).filter((pod) => all.some((one) => concerns(one, pod)))
    const values = { pods: all.length, waiting }
    return gravest(requireNonEmpty(concerned, 'No pod was placed.'), (pod) => placedSeparately(recording, pod, values))
  },
})

function placedWithTerms(recording: Recording): PlacedPod[] {
  return placedPods(recording).filter(({ placed }) => termsOf(placed.object).length > 0)
}

type Term = Pod['spec']['affinity']['podAntiAffinity']['requiredDuringSchedulingIgnoredDuringExecution'][number]

const termsOf = ({ spec }: Pod): readonly Term[] =>
  spec.affinity.podAntiAffinity.requiredDuringSchedulingIgnoredDuringExecution

const isWaiting = ({ versions }: Life<Pod>): boolean => {
  const last = versions.at(-1)?.object
  return last !== undefined && last.spec.nodeName === undefined && termsOf(last).length > 0
}

/** Whether required anti-affinity of a pod concerns the placement of another one, or its own. */
function concerns(excluding: PlacedPod, { life, placed }: PlacedPod): boolean {
  const { life: own, placed: state } = excluding
  return own === life || termsFor(state.object, own.namespace, placed.object, life.namespace).length > 0
}

/** @throws InconclusiveError NOT_WATCHED, NODE_UNKNOWN */
function placedSeparately(
  recording: Recording,
  pod: PlacedPod,
  values: { readonly pods: number; readonly waiting: number },
): Finding {
  const { life, placed, node } = pod
  const since = decisionOn(recording, pod).at - watchDelayMs
  for (const resource of ['nodes', 'pods'] as const) requireWatched(recording, resource, since, placed.at)
  const domainsOf = (name: string, key: string): ReadonlySet<string | undefined> =>
    new Set(nodeStates(recording, name, pod, since).map(({ metadata }) => metadata.labels[key]))
  if (nodeStates(recording, node, pod, since).length === 0) {
    const message = `The watch reported no state of ${node} from before ${life.name} was placed on it.`
    throw new InconclusiveError(message, 'NODE_UNKNOWN')
  }
  for (const other of neighbours(recording, pod)) {
    const excluding = [
      ...termsFor(placed.object, life.namespace, other.version.object, other.life.namespace),
      ...termsFor(other.version.object, other.life.namespace, placed.object, life.namespace),
    ]
    for (const { topologyKey } of excluding) {
      const [here, there] = [domainsOf(node, topologyKey), domainsOf(other.node, topologyKey)]
      const [domain] = here
      // A label that changed just before may have been unknown.
      if (domain === undefined || here.size > 1 || there.size !== 1 || !there.has(domain)) continue
      return together(pod, other, topologyKey, domain)
    }
  }
  return found.pass('PLACED_APART', values, {
    observed: `${counted(values.pods, 'pod')} apart, ${values.waiting} waiting`,
    measured: 0,
    bound: noException,
  })
}

function together({ life, placed }: PlacedPod, other: Neighbour, topologyKey: string, domain: string): Finding {
  const [pod, name] = [`${life.namespace}/${life.name}`, `${other.life.namespace}/${other.life.name}`]
  return found.fail(
    'PLACED_TOGETHER',
    { pod, other: name, topologyKey, domain },
    {
      observed: 'two pods in one domain',
      measured: 1,
      bound: noException,
      evidence: [other.version.record, placed.record],
    },
  )
}

/** The terms of a pod that exclude another one. Labels of namespaces are not recorded: a selector of some of them counts for none. */
function termsFor(pod: Pod, namespace: string, other: Pod, otherNamespace: string): Term[] {
  return termsOf(pod).filter(({ labelSelector, namespaces, namespaceSelector }) => {
    const isOwn = namespaces.length === 0 && namespaceSelector === undefined && namespace === otherNamespace
    const isMeant = isOwn || namespaces.includes(otherNamespace) || isEverything(namespaceSelector)
    return isMeant && labelSelector !== undefined && selects(labelSelector, other.metadata.labels)
  })
}

function isEverything(selector: LabelSelector | undefined): boolean {
  return (
    selector !== undefined && Object.keys(selector.matchLabels).length === 0 && selector.matchExpressions.length === 0
  )
}
