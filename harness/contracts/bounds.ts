import type { Recording } from '../judge/recording/recording.ts'
import type { Bound } from '../judge/verdict/verdict.ts'
import { duration } from '../judge/verdict/format.ts'
import {
  electionTimeout,
  electorJitter,
  heartbeatInterval,
  leaseDuration,
  minSyncPeriod,
  nodeMonitorGracePeriod,
  nodeMonitorPeriod,
  nodeStatusUpdateFrequency,
  renewDeadline as renewDeadlineOf,
  requestTimeout,
  retryPeriod,
  syncPeriod,
} from './bound-settings.ts'
import { followed } from './ranges.ts'
import { setting } from './live-settings.ts'

/*
 * The contracts' numbers. Each comes from the live configuration and names its source; the source of an allowance
 * states that no flag sets it.
 */

/** For promises that allow no exception. */
export const noException: Bound = {
  limit: 0,
  unit: 'count',
  source: 'exact: the documentation allows no exception',
}

/**
 * From a pod's creation to its containers running and observed: upstream's scalability tests require it of 99 of 100
 * pods.
 */
export const podStart: Bound = {
  limit: 5_000,
  unit: 'ms',
  source: 'pod start-up objective of upstream (99 % within 5 s, image present)',
}

/**
 * Until a controller has requested what is missing. No bound is documented, so the whole pod start-up objective
 * applies.
 */
export const reconcile: Bound = {
  ...podStart,
  source: `${podStart.source}, as an allowance: no bound of its own is documented`,
}

/** One call that changes one object: upstream requires it of 99 of 100 calls. */
export const apiCall: Bound = {
  limit: 1_000,
  unit: 'ms',
  source: 'API call objective of upstream (99 % of mutating calls within 1 s)',
}

const freshnessMs = 3_000

/**
 * A consistent read: an API server waits at most this long until its cache is fresh, and then has a request's time to
 * query etcd.
 */
export function consistentRead(recording: Recording): Bound {
  const { ms, source } = followed(recording, requestTimeout)
  return {
    limit: ms + freshnessMs,
    unit: 'ms',
    source: `${source} + ${duration(freshnessMs)} that an API server waits for its cache to be fresh`,
  }
}

/**
 * How much later than another API server a server may report a change: far above what sound clusters need, below what
 * misleads clients.
 */
export const watchReport: Bound = {
  limit: 10_000,
  unit: 'ms',
  source:
    '10 s stated by Holdfast: upstream measures watch latency and has no objective for it (4 s at most on sound clusters)',
}

/** How long an API server may confirm no write while another server confirms writes. */
export const writeSilence: Bound = {
  limit: 10 * apiCall.limit,
  unit: 'ms',
  source: `10 x ${apiCall.source}, stated by Holdfast`,
}

/** Two controllers in a row, with one call each. */
export const twoCalls: Bound = { ...apiCall, limit: 2 * apiCall.limit, source: `2 x ${apiCall.source}` }

/**
 * Until another instance leads after the leader's end. The standby may observe the last renewal one lengthened pause
 * late. When the Lease expires, the standby may be at the start of another pause.
 */
export function takeover(recording: Recording, component: string): Bound {
  const lease = followed(recording, leaseDuration(component))
  const retry = followed(recording, retryPeriod(component))
  return {
    limit: lease.ms + 2 * retry.ms * (1 + electorJitter),
    unit: 'ms',
    source: `${lease.source} + 2 x ${retry.source} x ${1 + electorJitter} (longest random pause)`,
  }
}

/** Until waiting pods are placed after a scheduler returns: it may have to wait until the old Lease expires. */
export function backlog(recording: Recording): Bound {
  const lead = takeover(recording, 'kube-scheduler')
  return { limit: lead.limit + podStart.limit, unit: 'ms', source: `${lead.source} + ${podStart.source}` }
}

/** Raft waits between one and two election timeouts at random; a split vote costs one more round. */
export function election(recording: Recording): Bound {
  const { ms, source } = followed(recording, electionTimeout)
  return {
    limit: 4 * ms,
    unit: 'ms',
    source: `4 x ${source} (a wait of up to 2, and as much again after a split vote)`,
  }
}

/**
 * A leader counts answering followers once in an election timeout, so it may take two timeouts to detect a lost quorum.
 * etcd's clock ticks once in a heartbeat interval, so each timeout may be a tick longer.
 */
export function stepDown(recording: Recording): Bound {
  const timeout = followed(recording, electionTimeout)
  const tick = followed(recording, heartbeatInterval)
  return {
    limit: 2 * (timeout.ms + tick.ms),
    unit: 'ms',
    source: `2 x (${timeout.source} + ${tick.source}) (a leader counts its followers once in each, in ticks of the latter)`,
  }
}

/**
 * Until the other members elect a leader while the old leader's heartbeats still arrive: the old leader has to step
 * down first.
 */
export function electionAfterStepDown(recording: Recording): Bound {
  const [first, then] = [stepDown(recording), election(recording)]
  return { limit: first.limit + then.limit, unit: 'ms', source: `${first.source} + ${then.source}` }
}

const startAllowanceMs = 5_000

/** Until etcd confirms writes again after enough members were started. */
export function quorumRecovery(recording: Recording): Bound {
  const { limit, source } = election(recording)
  return {
    limit: limit + startAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(startAllowanceMs)} stated by Holdfast for processes to start and clients to reconnect, which nothing documents`,
  }
}

const rejoinAllowanceMs = 40_000

/** Until a lost member answers again, follows a leader and holds the data that it missed. */
export function memberRejoin(recording: Recording): Bound {
  const { limit, source } = election(recording)
  return {
    limit: limit + rejoinAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(rejoinAllowanceMs)} stated by Holdfast for the process to start and to receive the data that it missed, which nothing documents`,
  }
}

/** Until a process that a fault ended or disturbed has started again and works. */
export function processRestart(): Bound {
  return {
    limit: rejoinAllowanceMs,
    unit: 'ms',
    source: `${duration(rejoinAllowanceMs)} stated by Holdfast for a process to start, which nothing documents`,
  }
}

/** How long a member may not answer: its peers treat a member that is silent for longer as lost. */
export function memberSilence(recording: Recording): Bound {
  const { ms, source } = followed(recording, electionTimeout)
  return { limit: ms, unit: 'ms', source }
}

/** After this long without a renewal a leader gives up its Lease and ends. */
export function renewDeadline(recording: Recording, component: string): Bound {
  const { ms, source } = followed(recording, renewDeadlineOf(component))
  return { limit: ms, unit: 'ms', source }
}

/**
 * From the end of a fault until its Node is Ready again: marked Unknown as late as allowed, then the kubelet's next
 * report.
 */
export function nodeReadyAgain(recording: Recording): Bound {
  const unknown = nodeUnknown(recording).latest
  const report = setting(recording, nodeStatusUpdateFrequency)
  return { limit: unknown.limit + report.ms, unit: 'ms', source: `${unknown.source} + ${report.source}` }
}

/** How much later than it happened a watch may report a change. */
export const watchDelayMs = 1_000

/**
 * When a silent Node is marked Unknown, counted from its last heartbeat: not before the grace period has passed, and
 * at the latest two checks of the controller later. One check detects the last sign and the other one marks the Node.
 */
export function nodeUnknown(recording: Recording): { readonly earliest: Bound; readonly latest: Bound } {
  const grace = followed(recording, nodeMonitorGracePeriod(recording))
  const period = followed(recording, nodeMonitorPeriod)
  return {
    earliest: {
      limit: grace.ms - watchDelayMs,
      unit: 'ms',
      source: `${grace.source} - ${duration(watchDelayMs)} stated by Holdfast by which the watch may report the last renewal late`,
    },
    latest: { limit: grace.ms + 2 * period.ms, unit: 'ms', source: `${grace.source} + 2 x ${period.source}` },
  }
}

/**
 * The controller that taints Nodes checks them as often as the controller that marks them. It taints the Nodes of a
 * zone one after the other, so each Node that was lost before adds the documented pause.
 */
export function nodeTainted(recording: Recording, lostBefore = 0): Bound {
  const { ms, source } = followed(recording, nodeMonitorPeriod)
  const limit = 2 * ms + lostBefore * pauseBetweenTaintsMs
  const pauses = lostBefore > 0 ? ` + ${lostBefore} x ${duration(pauseBetweenTaintsMs)} (node-eviction-rate 0.1)` : ''
  return { limit, unit: 'ms', source: `2 x ${source}${pauses}` }
}

/** The documented default of --node-eviction-rate, one Node in 10 s. */
export const pauseBetweenTaintsMs = 10_000

const endpointsAllowanceMs = 5_000

/** Marking the Node, its pods and then the slices takes three calls in a row, by two controllers. */
export function endpointsOfLostNode(recording: Recording): Bound {
  const { limit, source } = nodeUnknown(recording).latest
  return {
    limit: limit + endpointsAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(endpointsAllowanceMs)} for the calls that mark the pods and then the slices, which nothing documents`,
  }
}

const propagationMs = 1_000

/**
 * Until every kube-proxy has followed a slice: it waits at least this long between two runs and then writes its rules.
 */
export function proxySync(recording: Recording): Bound {
  const { ms, source } = followed(recording, minSyncPeriod(recording))
  return {
    limit: ms + propagationMs,
    unit: 'ms',
    source: `${source} + ${duration(propagationMs)} for the slice to arrive and the rules to be written`,
  }
}

/**
 * Delivery of a change, the end of a run in progress, and the work of the next run: nothing documents how long they
 * take.
 */
const followAllowanceMs = 4_000

/** Until a Node's rules do what its Services last required. */
export function rulesFollow(recording: Recording): Bound {
  const { ms, source } = followed(recording, minSyncPeriod(recording))
  return {
    limit: ms + followAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(followAllowanceMs)} stated by Holdfast for the change to arrive and two runs to write, which nothing documents`,
  }
}

/** Until the rules of a restarted kube-proxy do what its Services require. */
export function proxyRestart(recording: Recording): Bound {
  const { limit, source } = rulesFollow(recording)
  return {
    limit: limit + startAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(startAllowanceMs)} stated by Holdfast for the process to start, which nothing documents`,
  }
}

/** Until kube-proxy restores rules that another process removed: it checks once in its sync period. */
export function rulesRepair(recording: Recording): Bound {
  const period = followed(recording, syncPeriod(recording))
  const { limit, source } = rulesFollow(recording)
  return { limit: period.ms + limit, unit: 'ms', source: `${period.source} + ${source}` }
}
