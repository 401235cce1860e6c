import type { KnownDeviation } from '../judge/known.ts'
import { duration } from '../judge/words.ts'
import { quorumRecovery } from './bounds.ts'

/** What a server that starts gives its first question to etcd, fixed in its code: pkg/cluster/storage.go. */
const attemptMs = 10_000
const attempt = `${duration(attemptMs)} after which an attempt to start fails that began before the majority was back`
const restartMs = 15_000
const restart = `${duration(restartMs)} of our own for its supervisor to start a k3s server again until it is ready, which nothing documents`

/** What distributions do by design, and what it may cost. */
export const knownDeviations: readonly KnownDeviation[] = [
  {
    id: 'K3S-QUORUM-EXIT',
    distribution: 'k3s',
    contracts: ['ETCD-04'],
    says: 'a k3s server ends as a whole when a part of it can not renew its lease, so after a lost quorum it is started again before it takes writes',
    reference: 'https://github.com/k3s-io/k3s/blob/v1.36.3%2Bk3s1/pkg/executor/embed/embed.go',
    bound: (recording) => {
      const { limit, source, ...rest } = quorumRecovery(recording)
      return { ...rest, limit: limit + attemptMs + restartMs, source: `${source} + ${attempt} + ${restart}` }
    },
  },
]
