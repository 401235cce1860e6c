import type { Finding } from '../../../judge/contract.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { portHistory, statesDuring } from '../../../judge/kube-proxy/port-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import type { RecordOf } from '../../../record/records.ts'
import { rulesFollow } from '../../bounds.ts'
import { packetsDisturbed } from '../disturbances.ts'
import { proxyFacts } from '../proxy-facts.ts'

export interface HealthCheck {
  readonly record: RecordOf<'health'>
  /** Every answer that was correct for some state that the rules may still have had. */
  readonly due: readonly number[]
}

interface Wrong {
  readonly machine: string
  readonly service: string
  /** 0 without an answer. */
  readonly status: number
  readonly due: readonly string[]
}

const found = findings({
  HEALTH_CHECK_WRONG: ({ machine, service, status, due }: Wrong) =>
    `The kube-proxy of ${machine} answered the health check of ${service} with ${status || 'nothing'} instead of ${due.join(' or ')}.`,
})

/** Every answer to a load balancer's health check of a recorded Service, on a machine whose rules had to follow. */
export function healthChecks(recording: Recording): HealthCheck[] {
  const records = recording.of('health')
  if (records.length === 0) return []
  const { excused } = proxyFacts(recording)
  return records.flatMap((record) => {
    const { machine, at, endedAt, status } = record
    if (excused(machine, at)) return []
    if (status === 0 && packetsDisturbed(recording, { from: at, until: endedAt }, [machine])) return []
    const due = dueOf(recording, record)
    return due.length > 0 ? [{ record, due }] : []
  })
}

export function wrongHealth(checks: readonly HealthCheck[]): Finding | undefined {
  const wrong = checks.find(({ record, due }) => !due.includes(record.status))
  if (!wrong) return undefined
  const { machine, service, status, at } = wrong.record
  return found.fail(
    'HEALTH_CHECK_WRONG',
    { machine, service, status, due: wrong.due.map(String) },
    {
      observed: 'a wrong health check',
      moments: [{ at, label: `a wrong health check on ${machine}` }],
      evidence: [wrong.record],
    },
  )
}

/** Empty where the Service was created or deleted meanwhile: without the Service no port is open. */
function dueOf(recording: Recording, { machine, service, at, endedAt }: RecordOf<'health'>): number[] {
  const { limit } = rulesFollow(recording)
  const states = statesDuring(portHistory(recording), at - limit, endedAt + limit)
  const due = states.map(({ ports }) => {
    const own = ports.filter((port) => port.service === service)
    if (own.length === 0) return undefined
    return own.some(({ endpoints }) => endpoints.some(({ node, ready }) => node === machine && ready)) ? 200 : 503
  })
  return due.includes(undefined) ? [] : [...new Set(due.flatMap((one) => one ?? []))]
}
