import type { Recording } from '../../../judge/recording/recording.ts'
import { duration } from '../../../judge/verdict/format.ts'
import type { Bound } from '../../../judge/verdict/verdict.ts'
import { processRestart, twoCalls } from '../../bounds.ts'
import { setting, type SettingQuery } from '../../live-settings.ts'

/** Constants of kube-apiserver: https://github.com/kubernetes/kubernetes/blob/master/pkg/controlplane/instance.go */
const leaseMs = 15_000
const reconcileMs = 10_000
/** etcd searches for expired leases twice a second and revokes them in turn. */
const expiryMs = 1_000

const shutdownDelay: SettingQuery = { component: 'kube-apiserver', flag: 'shutdown-delay-duration', fallback: '0s' }

/**
 * Until the address of an ended API server leaves the list. One that ends gracefully removes it itself; the lease of another one
 * expires, and then the next reconciliation of another API server removes it.
 */
export function addressLeaves(recording: Recording, isGraceful: boolean): Bound {
  if (isGraceful) {
    const { ms, source } = setting(recording, shutdownDelay)
    return { limit: ms + twoCalls.limit, unit: 'ms', source: `${source} + ${twoCalls.source}` }
  }
  return {
    limit: leaseMs + expiryMs + reconcileMs + twoCalls.limit,
    unit: 'ms',
    source: `${duration(leaseMs)} lease + ${duration(expiryMs)} stated by Holdfast for etcd to expire it + ${duration(reconcileMs)} reconcile interval (kube-apiserver's constants) + ${twoCalls.source}`,
  }
}

/** Until a started API server is ready and has added its address: it tries that once in an interval. */
export function addressReturns(): Bound {
  const { limit, source } = processRestart()
  return {
    limit: limit + reconcileMs,
    unit: 'ms',
    source: `${source} + ${duration(reconcileMs)} reconcile interval (kube-apiserver's constant)`,
  }
}
