import { bindings, schedulerUser } from '../../judge/bindings.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { namespaceOf } from '../../judge/scene.ts'
import { duration, listed } from '../../judge/words.ts'
import { podStart } from '../bounds.ts'
import { examplePods } from './trace.ts'

/** FLOW-03 */
export const boundByScheduler: Contract = {
  id: 'FLOW-03',
  area: 'worked-example',
  promise: 'The scheduler gives each of the pods a Node with one binding, and nobody else binds any of them.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/kube-scheduler/',
  scenarios: ['worked-example'],
  judge(recording) {
    const pods = examplePods(recording)
    const own = bindings(recording).filter(({ namespace }) => namespace === namespaceOf(recording))
    const foreign = own.find(({ user }) => user !== schedulerUser)
    if (foreign) {
      return failed(`${foreign.user} asked to bind ${foreign.pod} to ${foreign.node}.`, { observed: foreign.user })
    }
    let slowest = 0
    for (const { name, bornAt, versions } of pods) {
      const granted = own.filter(({ pod, bound }) => bound && pod === name)
      if (granted.length !== 1) {
        return failed(`${name} was bound ${granted.length} times, once is right.`, {
          observed: `${granted.length} bindings of a pod`,
        })
      }
      const [binding] = granted
      const placed = versions.find(({ object }) => object.spec.nodeName !== undefined)
      if (!binding || !placed || placed.object.spec.nodeName !== binding.node) {
        return failed(`${name} was bound to ${binding?.node} and is on ${placed?.object.spec.nodeName ?? 'no Node'}.`, {
          observed: 'a binding that did not hold',
        })
      }
      slowest = Math.max(slowest, placed.at - bornAt)
    }
    const refused = own.filter(({ bound }) => !bound)
    return timed(slowest, podStart, {
      observed: `${pods.length} bindings, the slowest ${duration(slowest)} after its pod`,
      pass: `${schedulerUser} bound each pod once${refused.length > 0 ? ` (${refused.length} more requests were refused: ${listed(refused.map(({ code }) => String(code)))})` : ''}.`,
      late: `The slowest pod got its Node ${duration(slowest)} after it was created.`,
    })
  },
}
