import { errorMessage } from '../../common/error-message.mjs'
import { command } from '../processes/command.ts'
import { http } from '../rpc/http.ts'
import { now } from '../../record/clock.ts'
import type { HttpSpec } from '../rpc/parameters.ts'

/** The wanted families of a component's /metrics; `url` is the whole URL. */
export interface MetricsSpec extends Omit<HttpSpec, 'method' | 'body'> {
  readonly families: readonly string[]
}

export interface Metrics {
  readonly at: number
  readonly endedAt: number
  /** By series, in the form of the text. */
  readonly values: Record<string, number>
  /** Why there are none. */
  readonly error?: string
}

/** Reads some of a component's metrics. A component that does not answer is recorded too. */
export async function metrics({ families, ...request }: MetricsSpec): Promise<Metrics> {
  const at = now()
  try {
    const { status, body } = await http({ ...request, method: 'GET' })
    if (status !== 200) throw new Error(`it answered ${status}`)
    return { at, endedAt: now(), values: seriesOf(body, families) }
  } catch (error) {
    return { at, endedAt: now(), values: {}, error: errorMessage(error) }
  }
}

/** Returns the series of some families in Prometheus' text; an API server has tens of thousands of others. */
export function seriesOf(text: string, families: readonly string[]): Record<string, number> {
  const wanted = new Set(families)
  const values: Record<string, number> = {}
  for (const line of text.split('\n')) {
    if (!wanted.has(/^[\w:]+/.exec(line)?.[0] ?? '')) continue
    const [, series, value] = /^([\w:]+(?:\{.*\})?) (\S+)/.exec(line) ?? []
    if (series !== undefined && Number.isFinite(Number(value))) values[series] = Number(value)
  }
  return values
}

/** Counts the flows in this machine's conntrack table, by protocol. */
export async function conntrackCounts(): Promise<{ at: number; flows: number; byProtocol: Record<string, number> }> {
  const at = now()
  const byProtocol: Record<string, number> = {}
  let flows = 0
  for (const line of (await command('conntrack', ['-L'])).split('\n')) {
    const protocol = /^[a-z]\w*/.exec(line)?.[0]
    if (protocol === undefined) continue
    byProtocol[protocol] = (byProtocol[protocol] ?? 0) + 1
    flows++
  }
  return { at, flows, byProtocol }
}
