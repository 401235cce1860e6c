import type { KnownDeviation } from '../judge/verdict/known.ts'
import { duration } from '../judge/verdict/format.ts'
import { quorumRecovery, reconcile } from './bounds.ts'
import { untilAnotherEndpoint } from './kube-proxy/traffic/without-endpoints.ts'

/** A starting server's timeout for its first request to etcd, fixed in its code: pkg/cluster/storage.go. */
const attemptMs = 10_000
const attempt = `${duration(attemptMs)} after which an attempt to start fails that began before the majority returned`
const restartMs = 15_000
const restart = `${duration(restartMs)} stated by Holdfast for its supervisor to start a k3s server again until it is ready, which nothing documents`

/** The report has about 4 s: until the first probe after the restart, and the next write of the state. */
const readyBeforeProbe = { ...reconcile, source: `${duration(reconcile.limit)}; the upstream report has about 4 s` }

/** Documented or reported deviations of distributions, each with a bound. */
export const knownDeviations: readonly KnownDeviation[] = [
  {
    id: 'K3S-QUORUM-EXIT',
    distribution: 'k3s',
    contracts: ['ETCD-04'],
    summary:
      'a k3s server that can not renew the lease of one component ends as a whole, so after a lost quorum it restarts before it confirms writes',
    reference: 'https://github.com/k3s-io/k3s/blob/v1.36.3%2Bk3s1/pkg/executor/embed/embed.go',
    bound: (recording) => {
      const { limit, source, ...rest } = quorumRecovery(recording)
      return { ...rest, limit: limit + attemptMs + restartMs, source: `${source} + ${attempt} + ${restart}` }
    },
  },
  {
    id: 'KUBE-UDP-NO-ENDPOINT',
    distribution: 'k3s',
    // Fixed in v1.37, which upstream machines run.
    kubernetes: ['v1.36.3'],
    contracts: ['PROXY-11'],
    summary:
      'this kube-proxy does not move the UDP senders of a Service without endpoints until the Service has an endpoint again',
    reference: 'https://github.com/kubernetes/kubernetes/issues/139628',
    bound: untilAnotherEndpoint,
  },
  {
    id: 'KUBE-READY-BEFORE-PROBE',
    distribution: 'upstream',
    kubernetes: ['v1.37.2'],
    contracts: ['KLET-04'],
    summary:
      "a restarted kubelet writes a pod's state before it has set up the pod's probes, and reports a pod without a probe as Ready",
    reference: 'https://github.com/kubernetes/kubernetes/issues/135795',
    bound: () => readyBeforeProbe,
  },
]
