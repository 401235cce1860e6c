import { isSuccess } from '../../judge/bindings.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { drainOf, evictions } from '../../judge/drains.ts'
import { failed, passed } from '../../judge/bridge.ts'
import { matches, objects } from '../../judge/kubernetes-objects.ts'
import { replicaTimeline } from '../../judge/replica-timeline.ts'
import { namespaceOf, span } from '../../judge/scene.ts'
import { InconclusiveError, requireEvidence, requireNonEmpty } from '../../judge/inconclusive.ts'
import type { Bound } from '../../judge/verdict.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/words.ts'

/** WL-08 */
export const disruptionBudget: Contract = {
  id: 'WL-08',
  area: 'workloads',
  promise:
    'Evictions never take more pods than a PodDisruptionBudget allows: what would go beyond it is refused with 429.',
  reference: 'https://kubernetes.io/docs/concepts/scheduling-eviction/api-eviction/',
  scenarios: ['drain-node'],
  judge(recording) {
    const namespace = namespaceOf(recording)
    const { window, command } = drainOf(recording)
    needWatched(recording, 'pods', command.at, command.endedAt)
    const budget = requireEvidence(
      objects(recording, 'poddisruptionbudgets').named(namespace, 'web')[0]?.at(command.at),
      'No PodDisruptionBudget was there when the drain began.',
    )
    const { minAvailable, selector } = budget.spec
    if (typeof minAvailable !== 'number') throw new InconclusiveError('The budget is not a number of pods.')
    const pods = objects(recording, 'pods').in(namespace)
    const covered = new Set(
      pods
        .filter(({ versions }) => versions.some(({ object }) => matches(object.metadata.labels, selector.matchLabels)))
        .map(({ name }) => name),
    )
    const asked = requireNonEmpty(
      evictions(recording, namespace).filter(({ name, at }) => covered.has(name) && at <= command.endedAt),
      'No eviction of a pod under the budget was asked for.',
    )
    const strange = asked.filter((one) => !isSuccess(one) && one.code !== 429)
    const refused = asked.filter(({ code }) => code === 429)
    const bound: Bound = {
      limit: minAvailable,
      unit: 'count',
      source: `minAvailable of PodDisruptionBudget ${namespace}/web`,
    }
    const fault = window.words
    const timeline = replicaTimeline(recording, namespace, 'web', span(recording).until).filter(
      (one) => one.until > command.at && one.from < command.endedAt,
    )
    const fewest = requireNonEmpty(timeline, 'The Deployment web was not seen during the drain.').reduce(
      (least, one) => (one.ready < least.ready ? one : least),
    )
    if (fewest.ready < minAvailable) {
      return failed(
        `${duration(fewest.from - command.at)} into the drain only ${fewest.ready} pods of web were Ready and not on their way out, ${minAvailable} have to be.`,
        {
          observed: `${fewest.ready} pods left`,
          measured: fewest.ready,
          bound,
          fault,
          moments: [{ at: fewest.from, label: 'budget broken' }],
        },
      )
    }
    if (strange.length > 0) {
      return failed(`${listed(strange.map(({ name, code }) => `the eviction of ${name} was answered ${code}`))}.`, {
        observed: `${counted(strange.length, 'eviction')} answered neither 201 nor 429`,
        fault,
      })
    }
    if (refused.length === 0)
      throw new InconclusiveError('No eviction had to be refused, so the budget was never put to the test.')
    return passed(
      `${counted(refused.length, 'eviction')} beyond the budget got 429, ${asked.length - refused.length} were granted, and there were never fewer than ${fewest.ready} Ready pods.`,
      { observed: `at least ${fewest.ready} pods Ready`, measured: fewest.ready, bound, fault },
    )
  },
}
