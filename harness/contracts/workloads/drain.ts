import { bindings, isSuccess } from '../../judge/bindings.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { drainOf, evictions } from '../../judge/drains.ts'
import { failed, passed } from '../../judge/bridge.ts'
import { isActive, isMirror, isOwnedBy, objects } from '../../judge/kubernetes-objects.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/words.ts'

/** The watch tells of a deletion a little after kubectl saw it. */
const inFlightMs = 1_000

/** WL-10 */
export const drain: Contract = {
  id: 'WL-10',
  area: 'workloads',
  promise:
    'Draining a Node closes it to new pods, evicts what ran there, asks again where an eviction was refused, and returns when the pods have ended.',
  reference: 'https://kubernetes.io/docs/tasks/administer-cluster/safely-drain-node/',
  scenarios: ['drain-node'],
  judge(recording) {
    const { node, window, command } = drainOf(recording)
    const fault = window.words
    const fail = (reason: string, observed: string) => failed(reason, { observed, fault })
    needWatched(recording, 'pods', command.at, command.endedAt + inFlightMs)
    needWatched(recording, 'nodes', command.at, command.endedAt)
    if (command.exitCode !== 0) {
      const [why = ''] = command.stderr.trim().split('\n').slice(-1)
      return fail(`kubectl drain ended with ${command.exitCode}: ${why}`, `exit code ${command.exitCode}`)
    }
    const closed = objects(recording, 'nodes')
      .named('', node)[0]
      ?.first(({ spec }) => spec.unschedulable === true, command.at)
    if (!closed) return fail(`${node} was not closed to new pods.`, 'no cordon')
    const late = bindings(recording).filter(
      (one) => one.bound && one.node === node && closed.at + inFlightMs < one.at && one.at < window.until,
    )
    if (late.length > 0) {
      return fail(
        `${listed(late.map(({ pod, at }) => `${pod} was bound to ${node} ${duration(at - closed.at)}`))} after it was closed.`,
        `${counted(late.length, 'pod')} placed on a closed Node`,
      )
    }
    const leaving = requireNonEmpty(
      objects(recording, 'pods').lives.filter((life) => {
        const pod = life.at(command.at)
        return pod?.spec.nodeName === node && isActive(pod) && !isMirror(pod) && !isOwnedBy(pod, 'DaemonSet')
      }),
      `No pod ran on ${node} that had to leave.`,
    )
    const asked = evictions(recording)
    for (const { namespace, name, deletedAt } of leaving) {
      const own = asked.filter((one) => one.namespace === namespace && one.name === name)
      if (!own.some(isSuccess)) {
        const refusals = own.length > 0 ? `, only refused ones (${own.map(({ code }) => code).join(', ')})` : ''
        return fail(`The audit log has no granted eviction of ${name}${refusals}.`, 'a pod that was not evicted')
      }
      if (deletedAt > command.endedAt + inFlightMs) {
        return fail(`kubectl drain returned while ${name} was still ending on ${node}.`, 'returned too early')
      }
    }
    const retried = asked.filter((one) => one.code === 429 && leaving.some(({ name }) => name === one.name)).length
    return passed(
      `All ${counted(leaving.length, 'pod')} left ${node} by eviction, ${counted(retried, 'refused eviction')} asked for until granted, and nothing was placed there before it was opened.`,
      { observed: `${counted(leaving.length, 'pod')} gone after ${duration(command.endedAt - command.at)}`, fault },
    )
  },
}
