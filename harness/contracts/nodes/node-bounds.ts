import type { Recording } from '../../judge/recording/recording.ts'
import type { Bound } from '../../judge/verdict/verdict.ts'
import { duration } from '../../judge/verdict/format.ts'
import { nodeLeaseDuration } from '../bound-settings.ts'
import { reconcile } from '../bounds.ts'
import { followed } from '../ranges.ts'

/** client-go lengthens each pause between renewals by up to this share at random. */
const renewalJitter = 1.04
const renewalRetryMs = 7_000

/** The longest pause between two renewals of a Node's Lease. */
export function leaseRenewal(recording: Recording): Bound {
  const { ms, source } = followed(recording, nodeLeaseDuration)
  return {
    limit: (ms / 4) * renewalJitter + renewalRetryMs,
    unit: 'ms',
    source: `a quarter of ${source} x ${renewalJitter} (longest random pause) + ${duration(renewalRetryMs)} (longest documented pause before a retry)`,
  }
}

/** The documented default of terminationGracePeriodSeconds. */
export const defaultGraceSeconds = 30

/** Until the containers of a deleted pod have ended: after a forced deletion the kubelet still grants the grace period. */
export function podEnd(graceMs: number): Bound {
  return {
    limit: graceMs + reconcile.limit,
    unit: 'ms',
    source: `the pod's grace period of ${duration(graceMs)} + ${duration(reconcile.limit)} stated by Holdfast, which nothing documents`,
  }
}

const removalAllowanceMs = 30_000

/** From the request to delete a pod until the API has it no more: the kubelet stops its containers, cleans up and then deletes it. */
export function podRemoval(graceMs: number): Bound {
  return {
    limit: graceMs + removalAllowanceMs,
    unit: 'ms',
    source: `the pod's grace period of ${duration(graceMs)} + ${duration(removalAllowanceMs)} stated by Holdfast, which nothing documents (11.6 s at most on sound clusters)`,
  }
}

/** Until a pod's status agrees with its Node's runtime: the kubelet lists its containers about once in a second. */
export const statusReport: Bound = {
  limit: 2 * reconcile.limit,
  unit: 'ms',
  source: '10 s stated by Holdfast, which nothing documents',
}

/** Until a pod is evicted after its Node was tainted. */
export function podEviction(toleratedMs: number): Bound {
  return {
    limit: toleratedMs + reconcile.limit,
    unit: 'ms',
    source: `${duration(toleratedMs)} that the pod tolerates the taint + ${duration(reconcile.limit)} stated by Holdfast, which nothing documents`,
  }
}

/** Until a pod is Ready again after its Node returned: its status was overwritten, and its probe may have to succeed again. */
export const readyAgain: Bound = {
  limit: statusReport.limit + reconcile.limit,
  unit: 'ms',
  source: `${statusReport.source}, + ${reconcile.source}`,
}

/** Upstream's pod garbage collector runs once in this time, and waits this long before it trusts that a Node is gone. */
const collectorPeriodMs = 20_000
const quarantineMs = 40_000

/** Until the pod garbage collector has removed terminating pods of a Node out of service. */
export const podCollection: Bound = {
  limit: collectorPeriodMs + reconcile.limit,
  unit: 'ms',
  source: `${duration(collectorPeriodMs)} (period of the pod garbage collector, which no flag sets) + ${reconcile.source}`,
}

/** Until the pod garbage collector has removed the pods of a deleted Node: it detects them, waits, and checks once more. */
export const orphanCollection: Bound = {
  limit: quarantineMs + 2 * collectorPeriodMs + reconcile.limit,
  unit: 'ms',
  source: `${duration(quarantineMs)} (wait of the pod garbage collector for a deleted Node) + 2 x ${duration(collectorPeriodMs)} (its period; no flag sets either) + ${reconcile.source}`,
}
