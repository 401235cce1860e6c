import { bindings, schedulerUser } from '../../judge/bindings.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { hasCondition, isMirror, objects } from '../../judge/kubernetes-objects.ts'
import { namespaceOf, span } from '../../judge/scene.ts'
import { requireNonEmpty } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { podStart } from '../bounds.ts'

/** SCHED-01. Judged where no scheduler is hit: what happens without one is SCHED-02's. */
export const assignsPods: Contract = {
  id: 'SCHED-01',
  area: 'scheduler',
  promise:
    'Every pod that names no Node gets one from the scheduler, which writes it through the API by binding the pod; nobody else binds.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/',
  scenarios: ['worked-example', 'drain-node'],
  judge(recording) {
    const { from, until } = span(recording)
    needWatched(recording, 'pods', from, until)
    const own = bindings(recording).filter(({ namespace }) => namespace === namespaceOf(recording))
    const foreign = own.filter(({ user }) => user !== schedulerUser)
    if (foreign.length > 0) {
      return failed(
        `${listed(foreign.map(({ user, pod }) => `${user} asked to bind ${pod}`))}, which only the scheduler may.`,
        { observed: `${counted(foreign.length, 'binding')} by somebody else` },
      )
    }
    const pods = objects(recording, 'pods')
      .in(namespaceOf(recording))
      .filter(({ listed, versions }) => {
        const first = versions[0]?.object
        // A pod that is made with a Node's name skips the scheduler on purpose.
        return !listed && first && first.spec.nodeName === undefined && !isMirror(first)
      })
    requireNonEmpty(pods, 'No pod without a Node was created.')
    let slowest = 0
    const waiting: string[] = []
    for (const life of pods) {
      const placed = life.first(({ spec }) => spec.nodeName !== undefined)
      const gone = life.first(({ metadata }) => metadata.deletionTimestamp !== undefined)?.at ?? life.deletedAt
      if (!placed) {
        if (Math.min(gone, until) - life.bornAt > podStart.limit) waiting.push(life.name)
        continue
      }
      const bound = own.find((one) => one.bound && one.pod === life.name && one.node === placed.object.spec.nodeName)
      if (!bound) {
        return failed(
          `${life.name} was placed on ${placed.object.spec.nodeName} and no granted binding of the audit log says so.`,
          { observed: 'a pod placed without a binding' },
        )
      }
      if (
        !hasCondition(placed.object, 'PodScheduled', 'True') &&
        !life.first((pod) => hasCondition(pod, 'PodScheduled', 'True'))
      ) {
        return failed(`${life.name} has a Node and never the condition PodScheduled.`, {
          observed: 'PodScheduled missing',
        })
      }
      slowest = Math.max(slowest, placed.at - life.bornAt)
    }
    if (waiting.length > 0) {
      return failed(`${listed(waiting)} got no Node in ${duration(podStart.limit)}.`, {
        observed: `${counted(waiting.length, 'pod')} not placed`,
        bound: podStart,
      })
    }
    return timed(slowest, podStart, {
      observed: `${counted(pods.length, 'pod')} placed, the slowest after ${duration(slowest)}`,
      pass: `Each of ${counted(pods.length, 'pod')} was placed by a binding of ${schedulerUser}, as the audit log shows.`,
      late: `The slowest pod was placed ${duration(slowest)} after it was created.`,
    })
  },
}
