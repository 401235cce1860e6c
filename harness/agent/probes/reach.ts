import { createSocket, type Socket } from 'node:dgram'
import { connect } from 'node:net'
import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'
import { portTaken } from './attempts/attempt.ts'
import { freshPortsTo } from './fresh-ports.ts'

export interface ReachSpec {
  readonly from: string
  readonly through: string
  readonly service: string
  readonly protocol: 'tcp' | 'udp'
  readonly address: string
  readonly port: number
  readonly timeoutMs: number
}

type Result = Pick<RecordOf<'reach'>, 'outcome' | 'backend' | 'client' | 'error'>

/** Sends one packet over a fresh connection. A rejection is distinguished from a drop, and the endpoint reports the sender's address. */
export async function reach(spec: ReachSpec): Promise<RecordOf<'reach'>> {
  const { from, through, service, protocol, address, port } = spec
  const at = now()
  const result = await (protocol === 'tcp' ? overTcp(spec) : overUdp(spec))
  return { kind: 'reach', at, endedAt: now(), from, to: `${address}:${port}`, through, service, protocol, ...result }
}

/** Requests name and sender over one connection, so that one endpoint answers both. */
function overTcp(spec: ReachSpec): Promise<Result> {
  const { address, port, timeoutMs } = spec
  return new Promise((resolve) => {
    let text = ''
    const socket = connect({ host: address, port, localPort: freshPortsTo(spec).take() })
    const done = (result: Result): void => {
      clearTimeout(timer)
      socket.destroy()
      resolve(result)
    }
    const timer = setTimeout(
      () => done(socket.connecting ? { outcome: 'silent' } : { outcome: 'broken', error: 'no answer in time' }),
      timeoutMs,
    )
    const requestText = (path: string, more: string): string => `GET ${path} HTTP/1.1\r\nHost: holdfast\r\n${more}\r\n`
    socket.on('connect', () =>
      socket.write(requestText('/hostname', '') + requestText('/clientip', 'Connection: close\r\n')),
    )
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', (error: NodeJS.ErrnoException) => done(refusal(error)))
    socket.on('close', () => {
      const [backend, client] = [...text.matchAll(/\r\n\r\n(.*?)(?=HTTP\/1\.1 |$)/gs)].map(([, body = '']) =>
        body.trim(),
      )
      if (!backend || !client) return done({ outcome: 'broken', error: text.slice(0, 100) })
      done({ outcome: 'answered', backend, client: client.replace(/:\d+$/, '') })
    })
  })
}

function overUdp(spec: ReachSpec): Promise<Result> {
  const { address, port, timeoutMs } = spec
  return new Promise((resolve) => {
    let socket: Socket
    let open = true
    const done = (result: Result): void => {
      if (!open) return
      open = false
      clearTimeout(timer)
      socket.close()
      resolve(result)
    }
    const timer = setTimeout(() => done({ outcome: 'silent' }), timeoutMs)
    const send = (): void => {
      const own = createSocket('udp4')
      socket = own
      own.on('message', (message) => done({ outcome: 'answered', backend: message.toString().trim() }))
      own.on('error', (error: NodeJS.ErrnoException) => {
        if (!open || !portTaken(error)) return done(refusal(error))
        own.close()
        send()
      })
      own.bind(freshPortsTo(spec).take(), () => open && own.connect(port, address, () => open && own.send('hostname')))
    }
    send()
  })
}

function refusal({ code, message }: NodeJS.ErrnoException): Result {
  return code === 'ECONNREFUSED' ? { outcome: 'refused' } : { outcome: 'broken', error: code ?? message }
}
