import { createSocket } from 'node:dgram'
import { createConnection } from 'node:net'
import type { TestPacketSpec } from '../rpc/parameters.ts'

const timeoutMs = 200

/**
 * Sends packets that match a rule, so that a fault's effect is confirmed at once and not by chance traffic. Delivery and
 * answers don't matter; a UDP packet goes to a port without a listener.
 */
export function sendTestPackets(spec: TestPacketSpec): Promise<void> {
  return spec.protocol === 'tcp' ? connect(spec) : datagrams(spec)
}

async function datagrams({ from, to, port, times, bytes }: TestPacketSpec): Promise<void> {
  const socket = createSocket('udp4')
  const sent = new Promise<void>((resolve, reject) => {
    socket.on('error', reject)
    socket.bind({ port: 0, ...(from ? { address: from } : {}) }, () => {
      let left = times
      // A packet rejected on its way out causes an error here; it has reached the rule.
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

/** Opens several connections at once. Data, which no server understands, is sent only where there is something to corrupt. */
async function connect({ from, to, port, times, bytes }: TestPacketSpec): Promise<void> {
  const one = (): Promise<void> => {
    const socket = createConnection({ host: to, port, ...(from ? { localAddress: from } : {}) })
    return new Promise((resolve) => {
      socket.on('error', () => undefined)
      socket.on('close', () => resolve())
      socket.setTimeout(timeoutMs, () => socket.destroy())
      socket.on('connect', () => (bytes > 0 ? socket.end(Buffer.alloc(bytes)) : socket.destroy()))
    })
  }
  await Promise.all(Array.from({ length: times }, one))
}
