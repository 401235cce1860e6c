import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { byHand, stopByHand } from '../never-recovers/by-hand.ts'
import { nothingToRepair, type Sabotage } from './sabotage.ts'

/** Thirty election timeouts: host noise can't explain it. */
const stoppedMs = 30_000

/** A kubelet is killed: its supervisor restarts it within a second, and its Node stays Ready. */
export const killedKubelet: Sabotage = {
  name: 'killed-kubelet',
  topology: 'ha',
  expected: [{ contract: 'SYS-01', code: 'COMPONENT_RESTARTED' }],
  use: (_, sabotage) => sabotage(),
  breaks: ({ workers }) => killedByHand(nth(workers), 'kubelet'),
}

/** A controller manager is killed and restarted. */
export const killedManager: Sabotage = {
  name: 'killed-manager',
  topology: 'ha',
  expected: [{ contract: 'SYS-01', code: 'COMPONENT_RESTARTED' }],
  use: (_, sabotage) => sabotage(),
  async breaks(cluster) {
    const { machine: leader } = await cluster.leader('kube-controller-manager')
    const standby = cluster.controlPlane.filter((machine) => machine !== leader)
    return killedByHand(nth(standby), 'kube-controller-manager')
  },
}

/** An etcd follower is stopped for much longer than its election timeout. */
export const stoppedMember: Sabotage = {
  name: 'stopped-member',
  topology: 'ha',
  expected: [{ contract: 'SYS-01', code: 'MEMBER_SILENT' }],
  async use({ consistently }, sabotage) {
    await sabotage()
    await consistently('etcd is observed', () => true, { forMs: stoppedMs, intervalMs: 1_000 })
  },
  async breaks(cluster) {
    const { machine: leader } = await cluster.leader('etcd')
    const follower = nth(cluster.etcd.filter((machine) => machine !== leader))
    await byHand(follower, 'kill -STOP $(pidof etcd)')
    return { [Symbol.asyncDispose]: () => byHand(follower, 'kill -CONT $(pidof etcd)') }
  },
}

/** kube-proxy of a control-plane machine is stopped permanently: the machine is no complete Node. */
export const stoppedProxy: Sabotage = {
  name: 'stopped-proxy',
  alone: true,
  expected: [{ contract: 'CP-01', code: 'NOT_RUNNING' }],
  use: (_, sabotage) => sabotage(),
  async breaks({ controlPlane }) {
    await stopByHand(nth(controlPlane), 'kube-proxy')
    return nothingToRepair
  },
}

const second = 'kube-scheduler --kubeconfig=/etc/kubernetes/scheduler.conf --leader-elect=false --secure-port=10269'

/** A second scheduler binds pods on the leader's machine, with the same credentials and without leader election. */
export const secondScheduler: Sabotage = {
  name: 'second-scheduler',
  topology: 'ha',
  expected: [{ contract: 'SYS-01', code: 'SECOND_INSTANCE' }],
  async use({ traffic }, sabotage) {
    await sabotage()
    await traffic.deploy('web', { replicas: 6 })
  },
  async breaks(cluster) {
    const { machine } = await cluster.leader('kube-scheduler')
    await byHand(machine, `setsid ${second} >/var/log/holdfast/second-scheduler.log 2>&1 &`)
    return nothingToRepair
  },
}

async function killedByHand(machine: Machine, component: string): Promise<AsyncDisposable> {
  const { pid } = await machine.call('state', { component })
  // Wait for the new process: until then the supervisor may report the old one.
  await byHand(machine, `kill -9 ${pid}; until [ "$(pidof ${component})" -ne ${pid} ] 2>/dev/null; do sleep 0.1; done`)
  return nothingToRepair
}

function nth(machines: readonly Machine[]): Machine {
  const [one] = machines
  if (!one) throw new Error('the topology has no such machine')
  return one
}
