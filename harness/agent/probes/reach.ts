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
  /** The pod of the address, `<namespace>/<name>`. */
  readonly pod?: string
  /** Size of one datagram with its headers, instead of questions. Only over UDP, to a pod. */
  readonly bytes?: number
}

type Result = Pick<RecordOf<'reach'>, 'outcome' | 'source' | 'backend' | 'client' | 'error'>

/** Bytes of the headers of IP and UDP. */
const headerBytes = 28

/** Sends one packet over a fresh connection. A rejection is distinguished from a drop, and the endpoint reports the sender's address. */
export async function reach(spec: ReachSpec): Promise<RecordOf<'reach'>> {
  const { from, through, service, protocol, address, port, pod, bytes } = spec
  const at = now()
  const { source, ...result } = await (protocol === 'tcp' ? overTcp(spec) : overUdp(spec))
  const about = { from, to: `${address}:${port}`, through, service, protocol }
  const ofPod = pod === undefined ? {} : { pod, ...(source ? { source } : {}), ...(bytes ? { bytes } : {}) }
  return { kind: 'reach', at, endedAt: now(), ...about, ...result, ...ofPod }
}

/** Requests name and sender over one connection, so that one endpoint answers both. */
function overTcp(spec: ReachSpec): Promise<Result> {
  const { address, port, timeoutMs } = spec
  return new Promise((resolve) => {
    let text = ''
    let source = ''
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
    socket.on('connect', () => {
      source = socket.localAddress ?? ''
      socket.write(requestText('/hostname', '') + requestText('/clientip', 'Connection: close\r\n'))
    })
    socket.on('data', (chunk) => (text += chunk.toString('latin1')))
    socket.on('error', (error: NodeJS.ErrnoException) => done(refusal(error)))
    socket.on('close', () => {
      const [backend, client] = [...text.matchAll(/\r\n\r\n(.*?)(?=HTTP\/1\.1 |$)/gs)].map(([, body = '']) =>
        body.trim(),
      )
      if (!backend || !client) return done({ outcome: 'broken', error: text.slice(0, 100) })
      done({ outcome: 'answered', source, backend, client: client.replace(/:\d+$/, '') })
    })
  })
}

function overUdp(spec: ReachSpec): Promise<Result> {
  const { address, port, timeoutMs } = spec
  const questions = questionsOf(spec)
  return new Promise((resolve) => {
    let socket: Socket
    let open = true
    const answers: string[] = []
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
      own.on('message', (message) => {
        answers.push(message.toString().trim())
        if (open && answers.length === questions.length)
          done({ ...answerTo(spec, answers), source: own.address().address })
      })
      own.on('error', (error: NodeJS.ErrnoException) => {
        if (!open || !portTaken(error)) return done(refusal(error))
        own.close()
        send()
      })
      own.bind(freshPortsTo(spec).take(), () => {
        if (open) own.connect(port, address, () => open && questions.forEach((question) => own.send(question)))
      })
    }
    send()
  })
}

/** A Service may send each datagram of a new flow elsewhere, so only a pod gets two questions. */
function questionsOf({ pod, bytes }: ReachSpec): string[] {
  if (bytes !== undefined) return [`echo ${'x'.repeat(bytes - headerBytes - 'echo '.length)}`]
  return pod === undefined ? ['hostname'] : ['hostname', 'clientip']
}

function answerTo({ bytes }: ReachSpec, answers: readonly string[]): Result {
  const length = answers.join('').length
  if (bytes !== undefined) {
    const isWhole = length === bytes - headerBytes - 'echo '.length
    return isWhole ? { outcome: 'answered' } : { outcome: 'broken', error: `${length} bytes came back` }
  }
  const client = answers.find((one) => /^[\d.]+:\d+$/.test(one))
  const backend = answers.find((one) => one !== client) ?? ''
  return { outcome: 'answered', backend, ...(client ? { client: client.replace(/:\d+$/, '') } : {}) }
}

function refusal({ code, message }: NodeJS.ErrnoException): Result {
  return code === 'ECONNREFUSED' ? { outcome: 'refused' } : { outcome: 'broken', error: code ?? message }
}
