import { once } from 'node:events'
import { type Server, connect, createServer } from 'node:net'

/**
 * Runs `work` while no other process of this machine runs work of the same name, and waits for the other process before.
 * The lock is an abstract socket: the kernel releases it when its process ends, however it ends, and it leaves no file.
 */
export async function exclusively<T>(name: string, work: () => Promise<T>): Promise<T> {
  const address = `\0holdfast-${name}`
  let lock = await bind(address)
  while (!lock) {
    await released(address)
    lock = await bind(address)
  }
  try {
    return await work()
  } finally {
    await lock[Symbol.asyncDispose]()
  }
}

/** Undefined when another process (or another caller in this one) holds the address. */
async function bind(address: string): Promise<AsyncDisposable | undefined> {
  const waiting = new Set<{ destroy: () => void }>()
  const server: Server = createServer((socket) => {
    waiting.add(socket)
    socket.on('error', () => undefined).once('close', () => waiting.delete(socket))
  })
  try {
    server.listen(address)
    await once(server, 'listening')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EADDRINUSE') return undefined
    throw error
  }
  server.unref()
  return {
    [Symbol.asyncDispose]: async () => {
      const closed = once(server, 'close')
      server.close()
      for (const socket of waiting) socket.destroy()
      await closed
    },
  }
}

/** Resolves when the holder closes its end: it has released the lock, or has ended. */
async function released(address: string): Promise<void> {
  const socket = connect(address)
  socket.resume()
  await new Promise<void>((resolve) => socket.on('error', () => undefined).once('close', () => resolve()))
}
