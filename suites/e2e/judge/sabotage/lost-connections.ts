import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { longestGap } from '../../../../harness/contracts/availability/availability-bounds.ts'
import { reconcile } from '../../../../harness/contracts/bounds.ts'
import { byHand } from '../never-recovers/by-hand.ts'
import type { Sabotage } from './sabotage.ts'

/** Longer than every grace after a change of endpoints, plus an outage that exceeds the bound. */
const forMs = 4 * reconcile.limit + 10 * longestGap.limit
const services = 'ip daddr 10.96.0.0/12'

/** A Node loses a quarter of its outgoing connections. */
export const quarterLost: Sabotage = {
  name: 'quarter-lost',
  expected: [{ contract: 'PROXY-13', code: ['TRIES_FAILED', 'UNAVAILABLE'] }],
  async use({ traffic, consistently }, sabotage) {
    await traffic.deploy('web', { replicas: 2 })
    await traffic.probe('web')
    await sabotage()
    await consistently('the Service is used', () => true, { forMs, intervalMs: 1_000 })
  },
  breaks: (cluster) => dropping(nth(cluster.workers), `${services} ct state new numgen random mod 4 0 drop`),
}

/** An outage begins right after a change of endpoints and does not end. */
export const silentAfterChange: Sabotage = {
  name: 'silent-after-change',
  expected: [
    { contract: 'PROXY-13', code: 'UNAVAILABLE' },
    { contract: 'PROXY-01', code: 'SERVICE_SILENT' },
  ],
  async use({ traffic, consistently }, sabotage) {
    await traffic.deploy('web', { replicas: 1 })
    await traffic.rulesFollow(['web'])
    await traffic.rules.record()
    await traffic.probe('web')
    await traffic.scale('web', 2)
    await traffic.rolloutComplete('web')
    await sabotage()
    await consistently('the Service is used', () => true, { forMs, intervalMs: 1_000 })
    await traffic.rules.record()
  },
  breaks: (cluster) => dropping(nth(cluster.workers), `${services} ip daddr != 10.96.0.1 drop`),
}

/** An API server loses a quarter of the connections to it. */
export const apiServerLoses: Sabotage = {
  name: 'api-server-loses',
  expected: [{ contract: 'API-15', code: ['TRIES_FAILED', 'UNAVAILABLE'] }],
  async use({ traffic, consistently }, sabotage) {
    await traffic.probeApiServers()
    await sabotage()
    await consistently('the API servers are used', () => true, { forMs, intervalMs: 1_000 })
  },
  breaks: (cluster) => dropping(nth(cluster.controlPlane), 'tcp dport 6443 ct state new numgen random mod 4 0 drop'),
}

/** An etcd member does not run for a time. */
export const frozenMember: Sabotage = {
  name: 'frozen-member',
  expected: [{ contract: 'ETCD-12', code: 'UNAVAILABLE' }],
  async use({ traffic, consistently }, sabotage) {
    await traffic.deploy('web', { replicas: 1 })
    await sabotage()
    await consistently('etcd is observed', () => true, { forMs: reconcile.limit, intervalMs: 1_000 })
  },
  async breaks(cluster) {
    const member = nth(cluster.etcd)
    await byHand(member, 'kill -STOP $(pidof etcd)')
    return { [Symbol.asyncDispose]: () => byHand(member, 'kill -CONT $(pidof etcd)') }
  },
}

/** Adds a rule, outside of kube-proxy's, for packets from pods and from the machine. */
async function dropping(machine: Machine, rule: string): Promise<AsyncDisposable> {
  const hooks = ['prerouting', 'output'].map(
    (hook) =>
      `nft add chain inet by_hand ${hook} "{ type filter hook ${hook} priority -150; }"; nft add rule inet by_hand ${hook} ${rule}`,
  )
  await byHand(machine, ['nft add table inet by_hand', ...hooks].join('; '))
  return { [Symbol.asyncDispose]: () => byHand(machine, 'nft delete table inet by_hand') }
}

function nth(machines: readonly Machine[]): Machine {
  const [one] = machines
  if (!one) throw new Error('the topology has no such machine')
  return one
}
