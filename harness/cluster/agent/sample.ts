import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'
import { type Outcome, wayTo } from './attempts/index.ts'
import type { SampleSpec } from './protocol.ts'

/** Many fresh connections, a few at a time: which backend answers is a draw, and these are the draws. */
export async function sample(spec: SampleSpec): Promise<RecordOf<'sample'>> {
  const at = now()
  using way = wayTo({ ask: 'hostname', ...spec }, 'fresh')
  const backends: Record<string, number> = {}
  let failed = 0
  let left = spec.attempts
  const draw = async (): Promise<void> => {
    while (left-- > 0) {
      const outcome = await inTime(way.begin, spec.timeoutMs)
      if ('backend' in outcome) backends[outcome.backend] = (backends[outcome.backend] ?? 0) + 1
      else failed++
    }
  }
  await Promise.all(Array.from({ length: spec.concurrency }, draw))
  const { from, service, protocol, attempts } = spec
  return { kind: 'sample', at, endedAt: now(), from, service, protocol, attempts, failed, backends }
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
