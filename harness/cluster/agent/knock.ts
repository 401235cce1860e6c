import { createSocket } from 'node:dgram'
import { createConnection } from 'node:net'
import type { KnockSpec } from './protocol.ts'

const patienceMs = 200

/**
 * Sends packets that a rule has to meet, so that a fault is proven at once and not when somebody happens to talk. Whether
 * they arrive or are answered is of no interest; a UDP one goes to a port where nobody listens.
 */
export function knock(spec: KnockSpec): Promise<void> {
  return spec.protocol === 'tcp' ? connect(spec) : datagrams(spec)
}

async function datagrams({ from, to, port, times, bytes }: KnockSpec): Promise<void> {
  const socket = createSocket('udp4')
  const sent = new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.bind({ port: 0, ...(from ? { address: from } : {}) }, () => {
      let left = times
      // A packet that is refused on its way out makes an error here; that it went so far is what is asked for.
      const gone = (): void => {
        left -= 1
        if (left === 0) resolve()
      }
      for (let n = 0; n < times; n++) socket.send(Buffer.alloc(bytes), port, to, gone)
    })
  })
  try {
    await sent
  } finally {
    socket.close()
  }
}

/** Several at once. What is said is nothing that a server understands, and only said where there is something to damage. */
async function connect({ from, to, port, times, bytes }: KnockSpec): Promise<void> {
  const one = (): Promise<void> => {
    const socket = createConnection({ host: to, port, ...(from ? { localAddress: from } : {}) })
    return new Promise((resolve) => {
      socket.on('error', () => undefined)
      socket.on('close', () => resolve())
      socket.setTimeout(patienceMs, () => socket.destroy())
      socket.on('connect', () => (bytes > 0 ? socket.end(Buffer.alloc(bytes)) : socket.destroy()))
    })
  }
  await Promise.all(Array.from({ length: times }, one))
}
