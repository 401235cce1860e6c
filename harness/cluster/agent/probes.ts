import { createSocket } from 'node:dgram'
import { connect } from 'node:net'
import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'
import { FreshPorts } from './fresh-ports.ts'
import type { ProbeSpec, SampleSpec } from './protocol.ts'

interface Target {
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly timeoutMs: number
}

const ports = { tcp: new FreshPorts(), udp: new FreshPorts() }

type Outcome = { readonly backend: string } | { readonly error: string }

/**
 * Attempts at a fixed arrival rate: a slow answer never delays the next attempt, so an outage is seen at full length.
 * Every attempt opens a fresh connection from a fresh port, as kube-proxy chooses per connection.
 */
export class Probes {
  readonly #timers = new Set<NodeJS.Timeout>()
  readonly #emit: (record: RecordOf<'attempt'>) => void

  constructor(emit: (record: RecordOf<'attempt'>) => void) {
    this.#emit = emit
  }

  start(spec: ProbeSpec): void {
    const period = 1000 / spec.perSecond
    const first = now()
    let n = 0
    // Due times are computed from the first, not from the last, so that the rate does not drift.
    const timer = setInterval(() => {
      while (first + n * period <= now()) {
        const due = first + n++ * period
        void this.#attempt(spec, due)
      }
    }, period)
    this.#timers.add(timer)
  }

  stop(): void {
    for (const timer of this.#timers) clearInterval(timer)
    this.#timers.clear()
  }

  async #attempt(spec: ProbeSpec, due: number): Promise<void> {
    const outcome = await attempt(spec)
    const { from, service, protocol } = spec
    const base = {
      kind: 'attempt',
      at: due,
      endedAt: now(),
      from,
      to: `${spec.address}:${spec.port}`,
      service,
      protocol,
    } as const
    this.#emit({ ...base, ok: 'backend' in outcome, ...outcome })
  }
}

/** Many fresh connections, a few at a time: which backend answers is a draw, and these are the draws. */
export async function sample(spec: SampleSpec): Promise<RecordOf<'sample'>> {
  const at = now()
  const backends: Record<string, number> = {}
  let failed = 0
  let left = spec.attempts
  const draw = async (): Promise<void> => {
    while (left-- > 0) {
      const outcome = await attempt(spec)
      if ('backend' in outcome) backends[outcome.backend] = (backends[outcome.backend] ?? 0) + 1
      else failed++
    }
  }
  await Promise.all(Array.from({ length: spec.concurrency }, draw))
  const { from, service, protocol, attempts } = spec
  return { kind: 'sample', at, endedAt: now(), from, service, protocol, attempts, failed, backends }
}

function attempt(target: Target): Promise<Outcome> {
  return target.protocol === 'tcp' ? attemptTcp(target) : attemptUdp(target)
}

function attemptTcp({ address, port, timeoutMs }: Target): Promise<Outcome> {
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: address, port, localPort: ports.tcp.take() })
    const done = (outcome: Outcome): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(
      () => done({ error: socket.connecting ? 'no connection in time' : 'no answer in time' }),
      timeoutMs,
    )
    socket.on('connect', () => socket.write('GET /hostname HTTP/1.0\r\n\r\n'))
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', (error: NodeJS.ErrnoException) => done({ error: error.code ?? error.message }))
    socket.on('close', () => done(httpOutcome(text)))
  })
}

function httpOutcome(text: string): Outcome {
  const [head = '', body = ''] = text.split('\r\n\r\n', 2)
  if (!/^HTTP\/1\.\d 200 /.test(head))
    return { error: text === '' ? 'closed without an answer' : (head.split('\r\n', 1)[0] ?? '') }
  return { backend: body.trim() }
}

function attemptUdp({ address, port, timeoutMs }: Target): Promise<Outcome> {
  return new Promise((resolve) => {
    const socket = createSocket('udp4')
    let open = true
    const done = (outcome: Outcome): void => {
      if (!open) return
      open = false
      clearTimeout(timer)
      socket.close()
      resolve(outcome)
    }
    const timer = setTimeout(() => done({ error: 'no answer in time' }), timeoutMs)
    socket.on('message', (message) => done({ backend: message.toString().trim() }))
    socket.on('error', (error: NodeJS.ErrnoException) => done({ error: error.code ?? error.message }))
    // Connected, so that a refusal by ICMP is told as an error and not as a time-out.
    socket.bind(ports.udp.take(), () => socket.connect(port, address, () => socket.send('hostname')))
  })
}
