import { isSuccess } from '../../../judge/cluster/bindings.ts'
import { defineContract, type Finding } from '../../../judge/contract.ts'
import { audited } from '../../../judge/recording/audited.ts'
import { objects } from '../../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { counted } from '../../../judge/verdict/format.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { requireNonEmpty } from '../../../judge/verdict/inconclusive.ts'
import type { RecordOf } from '../../../record/records.ts'
import { noException } from '../../bounds.ts'

type Request = RecordOf<'audit'>

/** A change of another Node, or of a pod of another Node, that a kubelet requested, with a definite answer. */
interface ForeignChange {
  readonly node: string
  readonly object: string
  readonly request: Request
}

interface Changed {
  readonly node: string
  readonly object: string
  readonly verb: string
}

const found = findings({
  FOREIGN_CHANGE_GRANTED: ({ node, object, verb }: Changed) =>
    `The API server granted the kubelet of ${node} the request to ${verb} ${object}.`,
  OWN_NODE_REFUSED: ({ node, refused }: { readonly node: string; readonly refused: number }) =>
    `The API server refused all of ${counted(refused, 'change')} of the Node ${node} by its own kubelet.`,
  FOREIGN_CHANGES_REFUSED: ({ refused, nodes, own }: { refused: number; nodes: readonly string[]; own: number }) =>
    `The API servers refused ${counted(refused, 'change')} of other Nodes and their pods by the kubelet of ${nodes.join(', ')}, and granted ${counted(own, 'change')} of its own Node.`,
})

const userPrefix = 'system:node:'
const changes: readonly string[] = ['update', 'patch', 'delete']
const forbidden = 403

/** API-14 */
export const nodeRestriction = defineContract<ForeignChange>({
  id: 'API-14',
  area: 'kube-apiserver',
  promise: 'A kubelet can change its own Node and the pods bound to it, and no other Node and no pod of another Node.',
  reference: 'https://kubernetes.io/docs/reference/access-authn-authz/admission-controllers/#noderestriction',
  stimulus: {
    needs: "a change of another Node, or of another Node's pod, that a kubelet's credential requests",
    find: foreignChanges,
  },
  judge(recording, all) {
    const finding = gravest(all, (change) => judged(recording, change, all))
    if (finding.status === 'pass') audited(recording)
    return finding
  },
})

function foreignChanges(recording: Recording): ForeignChange[] {
  return recording.of('audit').flatMap((request) => {
    const node = request.user.startsWith(userPrefix) ? request.user.slice(userPrefix.length) : ''
    if (node === '' || !changes.includes(request.verb) || !isDefinite(request)) return []
    const object = foreignObject(recording, request, node)
    return object === undefined ? [] : [{ node, object, request }]
  })
}

/** Other errors do not depend on the credential. */
function isDefinite({ code }: Request): boolean {
  return code === forbidden || isSuccess({ code })
}

function foreignObject(
  recording: Recording,
  { at, resource, namespace, name }: Request,
  node: string,
): string | undefined {
  if (resource === 'nodes') return name !== '' && name !== node ? `Node ${name}` : undefined
  if (resource !== 'pods') return undefined
  const pods = objects(recording, 'pods').named(namespace, name)
  const owner = pods.map((life) => life.at(at)?.spec.nodeName).find((bound) => bound !== undefined)
  return owner === undefined || owner === node ? undefined : `pod ${namespace}/${name} of ${owner}`
}

/** @throws InconclusiveError NO_OWN_CHANGE */
function judged(
  recording: Recording,
  { node, object, request }: ForeignChange,
  all: readonly ForeignChange[],
): Finding {
  if (isSuccess(request)) {
    const values = { node, object, verb: request.verb }
    return found.fail('FOREIGN_CHANGE_GRANTED', values, {
      observed: 'a foreign change',
      bound: noException,
      evidence: [request],
    })
  }
  const own = requireNonEmpty(
    recording
      .of('audit')
      .filter(
        (one) =>
          one.user === request.user &&
          one.resource === 'nodes' &&
          one.name === node &&
          changes.includes(one.verb) &&
          isDefinite(one),
      ),
    `The kubelet of ${node} requested no change of its own Node.`,
    'NO_OWN_CHANGE',
  )
  const granted = own.filter(isSuccess)
  if (granted.length === 0) {
    const details = { observed: 'no change of the own Node', bound: noException, evidence: own.slice(0, 5) }
    return found.fail('OWN_NODE_REFUSED', { node, refused: own.length }, details)
  }
  const nodes = [...new Set(all.map((one) => one.node))]
  return found.pass(
    'FOREIGN_CHANGES_REFUSED',
    { refused: all.length, nodes, own: granted.length },
    {
      observed: `${counted(all.length, 'foreign change')} refused`,
      measured: 0,
      bound: noException,
      evidence: [request],
    },
  )
}
