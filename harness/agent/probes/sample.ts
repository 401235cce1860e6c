import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'
import { type Outcome, wayTo } from './attempts/index.ts'
import type { SampleSpec } from '../rpc/parameters.ts'

/** The share of unanswered connections at which a sample ends early: each of them takes the whole time-out. */
const mostFailed = 0.05

/** Makes many fresh connections, a few at a time, and counts the answers by backend. `attempts` of the record: those made. */
export async function sample(spec: SampleSpec): Promise<RecordOf<'sample'>> {
  const at = now()
  using way = wayTo({ request: 'hostname', ...spec }, 'fresh')
  const backends: Record<string, number> = {}
  let failed = 0
  let made = 0
  const draw = async (): Promise<void> => {
    while (made < spec.attempts && failed <= mostFailed * spec.attempts) {
      made++
      const outcome = await inTime(way.begin, spec.timeoutMs)
      if ('backend' in outcome) backends[outcome.backend] = (backends[outcome.backend] ?? 0) + 1
      else failed++
    }
  }
  await Promise.all(Array.from({ length: spec.concurrency }, draw))
  const { from, service, protocol } = spec
  return { kind: 'sample', at, endedAt: now(), from, service, protocol, attempts: made, failed, backends }
}

function inTime(begin: ReturnType<typeof wayTo>['begin'], timeoutMs: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const attempt = begin((outcome) => {
      clearTimeout(timer)
      resolve(outcome)
    })
    const timer = setTimeout(() => attempt.giveUp(), timeoutMs)
  })
}
