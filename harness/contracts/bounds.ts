import type { Recording } from '../judge/recording.ts'
import type { Bound } from '../judge/verdict.ts'
import { duration } from '../judge/words.ts'
import {
  electionTimeout,
  electorJitter,
  heartbeatInterval,
  leaseDuration,
  minSyncPeriod,
  nodeMonitorGracePeriod,
  nodeMonitorPeriod,
  requestTimeout,
  retryPeriod,
  syncPeriod,
} from './bound-settings.ts'
import { followed } from './ranges.ts'

/*
 * The promises' numbers. Each comes from the live configuration and says from which; what no flag sets is an
 * allowance, and its source says that as well.
 */

/** What is promised without exception is held to none. */
export const noException: Bound = {
  limit: 0,
  unit: 'count',
  source: 'exact: the documentation allows no exception',
}

/** From a pod's creation to its containers running and seen to: what upstream's scalability tests hold 99 of 100 pods to. */
export const podStart: Bound = {
  limit: 5_000,
  unit: 'ms',
  source: 'pod start-up objective of upstream (99 % within 5 s, image present)',
}

/** Until a controller has asked for what is missing. Nothing documents one, so it has the whole of what a pod's start may take. */
export const reconcile: Bound = {
  ...podStart,
  source: `${podStart.source}, as an allowance: no bound of its own is documented`,
}

/** One call that changes one object: what upstream holds 99 of 100 calls to. */
export const apiCall: Bound = {
  limit: 1_000,
  unit: 'ms',
  source: 'API call objective of upstream (99 % of mutating calls within 1 s)',
}

const freshnessMs = 3_000

/** A consistent read: an API server waits for its cache to be fresh at most that long, and then has a request's time to ask etcd. */
export function consistentRead(recording: Recording): Bound {
  const { ms, source } = followed(recording, requestTimeout)
  return {
    limit: ms + freshnessMs,
    unit: 'ms',
    source: `${source} + ${duration(freshnessMs)} that an API server waits for its cache to be fresh`,
  }
}

/** How much later than another API server one may report a change: far above what sound clusters need, below what misleads clients. */
export const watchReport: Bound = {
  limit: 10_000,
  unit: 'ms',
  source:
    '10 s stated by Holdfast: upstream measures watch latency and has no objective for it (4 s at most on sound clusters)',
}

/** How long an API server may confirm no write while another one does. */
export const writeSilence: Bound = {
  limit: 10 * apiCall.limit,
  unit: 'ms',
  source: `10 x ${apiCall.source}, stated by Holdfast`,
}

/** Two controllers in a row, each with one call to make. */
export const twoCalls: Bound = { ...apiCall, limit: 2 * apiCall.limit, source: `2 x ${apiCall.source}` }

/**
 * Until another instance leads after the leader's end. The standby may see the last renewal one lengthened pause late,
 * and when the Lease has run out it may be at the start of another one.
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

/** Until waiting pods are placed after a scheduler has come back: it may have to let the old Lease run out first. */
export function backlog(recording: Recording): Bound {
  const lead = takeover(recording, 'kube-scheduler')
  return { limit: lead.limit + podStart.limit, unit: 'ms', source: `${lead.source} + ${podStart.source}` }
}

/** Raft waits between one and two election timeouts at random, and a split vote costs one more such round. */
export function election(recording: Recording): Bound {
  const { ms, source } = followed(recording, electionTimeout)
  return {
    limit: 4 * ms,
    unit: 'ms',
    source: `4 x ${source} (a wait of up to 2, and as much again after a split vote)`,
  }
}

/**
 * A leader counts who answered once in an election timeout, so it may take two to notice that nobody does. etcd's clock
 * ticks once in a heartbeat interval, so each of the two may be a tick longer.
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

/** Until the others elect where the old leader's heartbeats still arrive: it has to stop leading first. */
export function electionAfterStepDown(recording: Recording): Bound {
  const [first, then] = [stepDown(recording), election(recording)]
  return { limit: first.limit + then.limit, unit: 'ms', source: `${first.source} + ${then.source}` }
}

const startAllowanceMs = 5_000

/** Until writes are taken again once enough members have been started. */
export function quorumRecovery(recording: Recording): Bound {
  const { limit, source } = election(recording)
  return {
    limit: limit + startAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(startAllowanceMs)} of our own for processes to start and clients to reconnect, which nothing documents`,
  }
}

const rejoinAllowanceMs = 40_000

/** Until a member that was lost answers again, follows a leader and holds what it missed. */
export function memberRejoin(recording: Recording): Bound {
  const { limit, source } = election(recording)
  return {
    limit: limit + rejoinAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(rejoinAllowanceMs)} of our own for the process to start and to receive what it missed, which nothing documents`,
  }
}

/** How much later than it happened a watch may report a change. */
export const watchDelayMs = 1_000

/**
 * When a silent Node is marked Unknown, counted from its last sign of life: not before the grace period has passed, and at the
 * latest two checks of the controller after it, one of which notices the last sign and one of which marks the Node.
 */
export function nodeUnknown(recording: Recording): { readonly earliest: Bound; readonly latest: Bound } {
  const grace = followed(recording, nodeMonitorGracePeriod(recording))
  const period = followed(recording, nodeMonitorPeriod)
  return {
    earliest: {
      limit: grace.ms - watchDelayMs,
      unit: 'ms',
      source: `${grace.source} - ${duration(watchDelayMs)} of our own by which the watch may report the last renewal late`,
    },
    latest: { limit: grace.ms + 2 * period.ms, unit: 'ms', source: `${grace.source} + 2 x ${period.source}` },
  }
}

/**
 * The controller that taints checks Nodes as often as the one that marks them. It taints one Node of a zone after the other, so
 * each that was lost before adds the documented pause.
 */
export function nodeTainted(recording: Recording, lostBefore = 0): Bound {
  const { ms, source } = followed(recording, nodeMonitorPeriod)
  const limit = 2 * ms + lostBefore * pauseBetweenTaintsMs
  const pauses = lostBefore > 0 ? ` + ${lostBefore} x ${duration(pauseBetweenTaintsMs)} (node-eviction-rate 0.1)` : ''
  return { limit, unit: 'ms', source: `2 x ${source}${pauses}` }
}

/** The documented default of --node-eviction-rate, one Node in 10 s. */
const pauseBetweenTaintsMs = 10_000

const endpointsAllowanceMs = 5_000

/** Marking the Node, its pods and then the slices is three calls in a row, of two controllers. */
export function endpointsOfLostNode(recording: Recording): Bound {
  const { limit, source } = nodeUnknown(recording).latest
  return {
    limit: limit + endpointsAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(endpointsAllowanceMs)} for the calls that mark the pods and then the slices, which nothing documents`,
  }
}

const propagationMs = 1_000

/** Until every kube-proxy has followed a slice: it waits at least that long between two runs, then has to write its rules. */
export function proxySync(recording: Recording): Bound {
  const { ms, source } = followed(recording, minSyncPeriod(recording))
  return {
    limit: ms + propagationMs,
    unit: 'ms',
    source: `${source} + ${duration(propagationMs)} for the slice to arrive and the rules to be written`,
  }
}

/** Arriving of a change, the end of a run that was going on, and the next one's work: nothing documents how long they take. */
const followAllowanceMs = 4_000

/** Until a Node's rules do what was asked last. */
export function rulesFollow(recording: Recording): Bound {
  const { ms, source } = followed(recording, minSyncPeriod(recording))
  return {
    limit: ms + followAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(followAllowanceMs)} of our own for the change to arrive and two runs to write, which nothing documents`,
  }
}

/** Until the rules of a kube-proxy that was started again do so. */
export function proxyRestart(recording: Recording): Bound {
  const { limit, source } = rulesFollow(recording)
  return {
    limit: limit + startAllowanceMs,
    unit: 'ms',
    source: `${source} + ${duration(startAllowanceMs)} of our own for the process to start, which nothing documents`,
  }
}

/** Until rules that somebody else took away are there again: kube-proxy looks for that once in its sync period. */
export function rulesRepair(recording: Recording): Bound {
  const period = followed(recording, syncPeriod(recording))
  const { limit, source } = rulesFollow(recording)
  return { limit: period.ms + limit, unit: 'ms', source: `${period.source} + ${source}` }
}
