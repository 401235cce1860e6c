import { createSocket, type Socket } from 'node:dgram'
import type { Ports } from '../fresh-ports.ts'
import { type Begin, failure, type Outcome, portTaken, type Target } from './attempt.ts'

/** One datagram and one answer, from its own source port. */
export function udp(target: Target, ports: Ports, address: string): Begin {
  return (ended) => {
    let open = true
    let socket: Socket
    let sourcePort = 0
    const done = (outcome: Outcome): void => {
      if (!open) return
      open = false
      socket.close()
      ended({ ...outcome, sourcePort })
    }
    const begin = (): void => {
      sourcePort = ports.take()
      socket = createSocket('udp4')
      socket.on('message', (message) => done({ backend: message.toString().trim() }))
      socket.on('error', (error: NodeJS.ErrnoException) => {
        if (!open || !portTaken(error)) return done(failure(error))
        socket.close()
        begin()
      })
      const own = socket
      // Connected, so that a refusal by ICMP is an error and not a time-out.
      own.bind(sourcePort, () => open && own.connect(target.port, address, () => open && own.send('hostname')))
    }
    begin()
    return { giveUp: () => done({ error: 'no answer in time', errorClass: 'no-answer' }) }
  }
}
