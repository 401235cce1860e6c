import { portHistory } from '../../../judge/kube-proxy/port-history.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import type { Bound } from '../../../judge/verdict/verdict.ts'
import { duration } from '../../../judge/verdict/format.ts'
import { rulesFollow } from '../../bounds.ts'

/**
 * For a kube-proxy that moves a Service's UDP senders only when the Service has an endpoint again: the longest time in
 * which a Service with recorded senders had no endpoint, plus the time that its rules may take to follow.
 */
export function untilAnotherEndpoint(recording: Recording): Bound {
  const { limit, source } = rulesFollow(recording)
  const services = new Set(recording.of('flows').map(({ service }) => service))
  const longest = Math.max(0, ...[...services].map((service) => longestWithout(recording, service)))
  return {
    limit: longest + limit,
    unit: 'ms',
    source: `${duration(longest)} for which a Service of such a sender had no endpoint + ${source}`,
  }
}

/** Milliseconds. Left out: Services that never had an endpoint, and outages that did not end. */
function longestWithout(recording: Recording, service: string): number {
  let [longest, had] = [0, false]
  let since: number | undefined
  for (const { at, ports } of portHistory(recording)) {
    const own = ports.filter((port) => port.service === service && port.protocol === 'udp')
    const has = own.some(({ endpoints }) => endpoints.some(({ serving }) => serving))
    if (has) {
      if (since !== undefined) longest = Math.max(longest, at - since)
      since = undefined
      had = true
    } else if (had) since ??= at
  }
  return longest
}
