import { type Node, type Pod } from '../recording/kubernetes-objects.ts'
import { type Taint, tolerates } from '../recording/tolerations.ts'
import { type LabelSelector, selects } from '../recording/label-selector.ts'

const unschedulable: Taint = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** Why a pod must not be placed on a Node, apart from resources: ends a sentence about the Node. Undefined if it fits. */
export function misfit(pod: Pod, node: Node, name: string): string | undefined {
  if (node.spec.unschedulable === true && !tolerates(pod, unschedulable)) return 'is cordoned'
  const taint = node.spec.taints.find((one) => one.effect !== 'PreferNoSchedule' && !tolerates(pod, one))
  if (taint) return `has the taint ${taint.key}:${taint.effect}, which the pod does not tolerate`
  const { labels } = node.metadata
  const isSelected = Object.entries(pod.spec.nodeSelector).every(([key, value]) => labels[key] === value)
  if (!isSelected) return "has other labels than the pod's nodeSelector"
  const terms = pod.spec.affinity.nodeAffinity.requiredDuringSchedulingIgnoredDuringExecution?.nodeSelectorTerms
  return terms && !matchesTerms(terms, labels, name) ? "does not match the pod's required node affinity" : undefined
}

interface NodeSelectorTerm {
  readonly matchExpressions: LabelSelector['matchExpressions']
  readonly matchFields: LabelSelector['matchExpressions']
}

/** Whether a Node matches at least one of the terms. */
export function matchesTerms(
  terms: readonly NodeSelectorTerm[],
  labels: Readonly<Record<string, string>>,
  name: string,
): boolean {
  return terms.some(
    ({ matchExpressions, matchFields }) =>
      matchesAll(matchExpressions, labels) && matchesAll(matchFields, { 'metadata.name': name }),
  )
}

function matchesAll(
  requirements: LabelSelector['matchExpressions'],
  labels: Readonly<Record<string, string>>,
): boolean {
  return requirements.every((one) => {
    const [value, limit] = [Number(labels[one.key] ?? NaN), Number(one.values[0])]
    if (one.operator === 'Gt') return value > limit
    if (one.operator === 'Lt') return value < limit
    return selects({ matchLabels: {}, matchExpressions: [one] }, labels)
  })
}
