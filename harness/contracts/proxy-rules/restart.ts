import { needProbed } from '../../judge/probe-coverage.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { requireNonEmpty, InconclusiveError } from '../../judge/inconclusive.ts'
import { counted, duration } from '../../judge/words.ts'
import { proxyRestart } from '../bounds.ts'
import { disturbedAgain, outages, proxyScene, reference, scenarios } from './scene.ts'

const leastAttempts = 10

/** PROXY-04 */
export const restart: Contract = {
  id: 'PROXY-04',
  area: 'kube-proxy',
  promise:
    'A kube-proxy that is started again brings its rules up to date, and neither new connections nor open ones fail meanwhile.',
  reference,
  scenarios,
  judge(recording) {
    const { looksOf } = proxyScene(recording)
    const ended = outages(recording).filter(({ until }) => until < Infinity)
    const windows = requireNonEmpty(ended, 'No kube-proxy was started again.')
    const bound = proxyRestart(recording)
    let [longest, made] = [0, 0]
    for (const { target, intentAt, until } of windows) {
      const [machine = ''] = target.machines
      const looks = looksOf.get(machine)
      // From the next fault on it is that fault which is seen.
      const next = disturbedAgain(recording, machine, until)
      const current = looks?.looks.find(
        (look) => look.at >= until && look.at < next && looks.differences(look).length === 0,
      )
      if (!current && next < until + bound.limit)
        throw new InconclusiveError(
          `The rules of ${machine} were not seen up to date before they were disturbed again.`,
        )
      if (!current) {
        return failed(`The rules of ${machine} were never up to date after its kube-proxy was started again.`, {
          observed: 'rules stay old',
        })
      }
      longest = Math.max(longest, current.at - until)
      const attempts = recording
        .of('attempt')
        .filter(({ from, at }) => from === machine && at >= intentAt && at <= current.at)
      for (const protocol of ['tcp', 'udp'] as const) {
        const own = attempts.filter((attempt) => attempt.protocol === protocol)
        if (own.length < leastAttempts)
          throw new InconclusiveError(`Only ${own.length} ${protocol} connections were made meanwhile.`)
      }
      const bad = attempts.filter(({ ok }) => !ok)
      if (bad[0]) {
        return failed(
          `${counted(bad.length, 'connection')} from ${machine} failed while its kube-proxy was started again, the first to ${bad[0].service} over ${bad[0].protocol} (${bad[0].error}).`,
          { observed: counted(bad.length, 'failure') },
        )
      }
      needProbed(recording, { from: intentAt, until: current.at }, machine)
      made += attempts.length
    }
    return timed(longest, bound, {
      observed: `${duration(longest)}, none of ${counted(made, 'connection')} failed`,
      pass: `The rules were up to date ${duration(longest)} after kube-proxy ran again, and none of ${counted(made, 'attempt')} over new and open connections failed.`,
      late: `The rules were up to date only ${duration(longest)} after kube-proxy ran again.`,
    })
  },
}
