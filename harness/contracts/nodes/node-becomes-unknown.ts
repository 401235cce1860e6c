import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { span } from '../../judge/scene.ts'
import { InconclusiveError } from '../../judge/inconclusive.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { duration } from '../../judge/words.ts'
import { nodeUnknown } from '../bounds.ts'
import { lostNode } from './lost-node.ts'

/** NODE-02. Early is a breach: a Node that is given up too soon costs its users their pods. */
export const nodeBecomesUnknown: Contract = {
  id: 'NODE-02',
  area: 'nodes',
  promise:
    'A Node that is not heard of any more is marked Ready=Unknown once the grace period has passed, and not before.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/nodes/',
  scenarios: ['drain-node'],
  judge(recording) {
    const { node, window, unknown } = lostNode(recording)
    const { earliest, latest } = nodeUnknown(recording, node)
    const { until } = span(recording)
    const fault = window.words
    needWatched(recording, 'nodes', window.intentAt, unknown?.at ?? until)
    if (!unknown) {
      const waited = until - window.from
      if (waited <= latest.limit)
        throw new InconclusiveError(`The recording ends ${duration(waited)} after ${node} was lost.`)
      return failed(`${node} was not marked Unknown in ${duration(waited)} after it was lost.`, {
        observed: 'never marked Unknown',
        bound: latest,
        fault,
      })
    }
    const soonest = unknown.at - window.intentAt
    const moments = [{ at: unknown.at, label: `${node} Ready=Unknown` }]
    if (soonest < earliest.limit) {
      return failed(
        `${node} was marked Unknown ${duration(soonest)} after it was lost, before its grace period could have passed.`,
        {
          observed: `Unknown after ${duration(soonest)}, too early`,
          measured: soonest,
          bound: earliest,
          fault,
          moments,
        },
      )
    }
    const ms = unknown.at - window.from
    return timed(ms, latest, {
      observed: `Unknown ${duration(ms)} after ${node} was lost`,
      pass: `Not before ${duration(earliest.limit)} (${earliest.source}) and in time.`,
      late: `${node} was marked Unknown only ${duration(ms)} after it was lost.`,
      fault,
      moments,
    })
  },
}
