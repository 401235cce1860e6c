import { connect, type Socket } from 'node:net'
import { connect as connectTls } from 'node:tls'
import type { Ports } from '../fresh-ports.ts'
import { type Begin, failure, type Outcome, portTaken, type Target } from './attempt.ts'
import { httpOutcome, requests } from './http-answer.ts'

/**
 * Uses a connection and a source port of its own for each attempt. A connection that the server closed after its answer is
 * reset.
 * Otherwise the server remembers each for a minute. At a thousand a second, kube-proxy's random source ports meet such an
 * entry and get no answer (TcpExtPAWSTimewait), an outage that the prober caused.
 */
export function freshTcp(target: Target, ports: Ports, address: string): Begin {
  return (ended) => {
    let open = true
    let socket: Socket
    let localPort = 0
    const done = (outcome: Outcome): void => {
      if (!open) return
      open = false
      if ('backend' in outcome && target.request === 'hostname') socket.resetAndDestroy()
      else socket.destroy()
      ended({ ...outcome, sourcePort: localPort })
    }
    const begin = (): void => {
      localPort = ports.take()
      const own = connect({ host: address, port: target.port, localPort, allowHalfOpen: target.request === 'hostname' })
      socket = own
      const ownDone = (outcome: Outcome): void => {
        if (own === socket) done(outcome)
      }
      own.on('error', (error) => {
        if (open && portTaken(error)) begin()
        else ownDone(failure(error))
      })
      if (target.request === 'connect') own.on('connect', () => ownDone({ backend: '' }))
      else if (target.request === 'livez') requestOverTls(own, ownDone)
      else sendRequest(own, requests.hostname, ownDone)
    }
    begin()
    return {
      giveUp: () =>
        done(
          socket.connecting
            ? { error: 'no connection in time', errorClass: 'no-connection' }
            : { error: 'no answer in time', errorClass: 'no-answer' },
        ),
    }
  }
}

function requestOverTls(socket: Socket, done: (outcome: Outcome) => void): void {
  // Only the answer is measured; the rest of the cluster verifies the server's identity.
  const tls = connectTls({ socket, rejectUnauthorized: false })
  tls.on('error', (error) => done(failure(error)))
  sendRequest(tls, requests.livez, done)
}

function sendRequest(socket: Socket, request: string, done: (outcome: Outcome) => void): void {
  let text = ''
  // Queued until the connection is established, and sent with its last packet.
  socket.write(request)
  socket.on('data', (chunk) => (text += chunk.toString('latin1')))
  for (const over of ['end', 'close']) socket.on(over, () => done(httpOutcome(text)))
}
