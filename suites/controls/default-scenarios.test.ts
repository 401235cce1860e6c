import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import * as histories from '../../harness/vitest/mutations/histories.ts'
import * as network from '../../harness/vitest/mutations/pod-network.ts'
import * as objects from '../../harness/vitest/mutations/objects.ts'
import * as rules from '../../harness/vitest/mutations/rules.ts'
import consistency from '../../scenarios/consistency.ts'
import drainNode from '../../scenarios/drain-node.ts'
import kubeProxyRules from '../../scenarios/kube-proxy-rules.ts'

/*
 * Negative controls: one fact of a fresh recording is changed, and the contract must fail. Tests in e2e/ break real clusters
 * and clients instead.
 */

const written = recording(consistency)
control('API-02', written, 'a conflicting update is acknowledged', histories.ignoredConflict, 'UPDATE_LOST')
control('API-02', written, 'an object is created twice', histories.createdTwice, 'OBJECT_CREATED_TWICE')
control('API-03', written, 'a read is stale', histories.staleRead('apiserver'), /^(STALE_READ|NOT_LINEARIZABLE) /)
control('API-04', written, 'a watch loses an event', histories.lostEvent('apiserver'), /^(EVENT_LOST|LIST_DIFFERS) /)
control('API-04', written, 'a watch doubles an event', histories.doubledEvent('apiserver'), 'EVENT_REPEATED')
control('API-04', written, 'a watch reorders events', histories.reorderedEvents('apiserver'), 'EVENTS_OUT_OF_ORDER')
control('API-04', written, 'a watch invents an event', histories.inventedEvent('apiserver'), 'REPORTS_DIFFER')
control('API-04', written, 'a list lacks an object', histories.lackingList('apiserver'), 'LIST_DIFFERS')
control(
  'API-05',
  written,
  'a watch omits expired events silently',
  histories.silentlyShort('apiserver'),
  'EXPIRY_NOT_REPORTED',
)
control('API-05', written, 'a watch reports existing events as expired', histories.goneTooSoon, 'EXPIRED_EARLY')
control('API-06', written, 'a bookmark is too new', histories.bookmarkTooFar('apiserver'), 'BOOKMARK_UNTRUE')
control('API-07', written, 'a page of a list has another revision', histories.otherPage, 'LIST_TORN')
control('API-12', written, 'two Services have one address', histories.sharedClusterIp, 'ADDRESS_SHARED')
control('ETCD-01', written, 'a read is stale', histories.staleRead('etcd'), /^(STALE_READ|NOT_LINEARIZABLE) /)
control('ETCD-01', written, 'a list lacks a key', histories.lackingList('etcd'), 'LIST_DIFFERS')
control('ETCD-05', written, 'a watch loses an event', histories.lostEvent('etcd'), 'EVENT_LOST')
control('ETCD-05', written, 'a watch doubles an event', histories.doubledEvent('etcd'), 'EVENT_REPEATED')
control('ETCD-05', written, 'a watch reorders events', histories.reorderedEvents('etcd'), 'EVENTS_OUT_OF_ORDER')
control('ETCD-05', written, 'a watch invents an event', histories.inventedEvent('etcd'), 'REPORTS_DIFFER')
control('ETCD-05', written, 'a transaction is torn', histories.tornEvent, 'TRANSACTION_TORN')
control('ETCD-05', written, 'a progress notification is too new', histories.bookmarkTooFar('etcd'), 'BOOKMARK_UNTRUE')
control(
  'ETCD-07',
  written,
  'a watch omits compacted events silently',
  histories.silentlyShort('etcd'),
  'COMPACTION_NOT_REPORTED',
)
control('ETCD-11', written, 'a member has different data', histories.otherHash, 'MEMBERS_DIFFER')

const served = recording(kubeProxyRules)
// Wrong rules may match endpoints that the Service had at another time.
const wrongRules = ['RULES_NEVER_ASKED', 'RULES_NOT_FOLLOWED', 'RULES_LATE']
control('PROXY-01', served, 'one rule is deleted', rules.ruleDeleted, wrongRules)
control('PROXY-01', served, 'a weight is changed', rules.weightChanged, wrongRules)
control('PROXY-01', served, 'endpoints are stale', rules.frozenRules, wrongRules)
control('PROXY-03', served, 'rules change while kube-proxy is dead', rules.changedWhileDead, 'RULES_CHANGED')
control('PROXY-04', served, 'a connection fails', rules.cutAtRestart, 'CONNECTION_FAILED')
control('PROXY-05', served, 'rules are not repaired', rules.neverRepaired, 'RULES_NOT_REPAIRED')
control('PROXY-06', served, 'a client changes its endpoint', rules.movedClient, 'CLIENT_MOVED')
control('PROXY-06', served, 'affinity is removed from the rules', rules.affinityRemoved, 'RULES_WITHOUT_AFFINITY')
control('PROXY-06', served, 'affinity outlives its timeout', rules.boundForEver, ['CLIENTS_STAY_BOUND', 'CLIENT_MOVED'])
control('PROXY-07', served, 'the source address changes', rules.senderLost, 'SENDER_CHANGED')
control('PROXY-07', served, 'a probe from outside is accepted', rules.letIn, 'PROBE_NOT_DROPPED')
control('PROXY-07', served, 'a probe from outside is dropped', rules.cutOff, 'PROBE_NOT_LET_THROUGH')
control('PROXY-07', served, 'a health check is wrong', rules.wrongHealthCheck, 'HEALTH_CHECK_WRONG')
control('PROXY-08', served, 'a terminating endpoint does not answer', rules.leavingCutOff, 'NOT_ANSWERED')
control('PROXY-09', served, 'a packet leaves its Node', rules.sentOn, 'NOT_DROPPED')
control('PROXY-10', served, 'an unready endpoint answers', rules.unreadyAnswers, 'NOT_REFUSED')
control('PROXY-10', served, 'DNS returns an unready endpoint', rules.unreadyNamed, 'NAME_NOT_READY')
control('PROXY-11', served, 'datagrams go to a deleted endpoint', rules.heldFlow, ['FLOW_HELD', 'FLOW_RELEASED_LATE'])
control('NET-06', served, 'DNS omits a ready pod', network.omittedPod, 'WRONG_PODS')
control('NET-05', served, 'two pods have one address', histories.sharedPodIp, 'ADDRESS_SHARED')
control('SCHED-03', served, 'a pod requests too much', objects.greedyPod, 'OVERCOMMITTED')
control('SCHED-05', served, 'a pod is on a cordoned Node', objects.cordonedNode, 'PLACED_ON_UNFIT_NODE')
control('CM-04', served, 'the slices of deleted Services stay', objects.keptSlices, 'NOT_COLLECTED')
control('NODE-01', served, 'a kubelet stops renewing its Lease', objects.silentKubelet, 'LEASE_NOT_RENEWED')
control('KLET-01', served, 'a Node runs a pod that the API lacks', objects.phantomPod, 'RUNS_FOREIGN_POD')
control('KLET-06', served, 'a deleted pod is removed late', objects.stuckPod, ['REMOVED_LATE', 'NOT_REMOVED'])
control('KLET-09', served, 'running containers had ended', objects.endedContainers, 'STATUS_UNTRUE')

const lost = recording(drainNode)
control('WL-09', lost, 'the budget counts lost pods as healthy', objects.blindBudget, 'LOSS_NOT_COUNTED')
