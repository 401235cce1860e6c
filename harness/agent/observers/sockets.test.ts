import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { expect, test } from 'vitest'
import { connectionsIn, sockets } from './sockets.ts'

test('reads the addresses of established connections, also of mapped ones', () => {
  const table = [
    '  sl  local_address rem_address   st tx_queue rx_queue tr tm->when uid  timeout inode',
    '   0: 0100007F:094B 0100007F:D2F0 01 00000000:00000000 00:00000000 00000000     0        0 4711 1 0 20 4 30 10 -1',
    '   1: 0B00D50A:094B 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 4712 1 0 20 4 30 10 -1',
    '   2: 0000000000000000FFFF00000B00D50A:094B 0000000000000000FFFF00000E00D50A:9C40 01 00000000:00000000 00:00000000 00000000     0        0 4713 1 0 20 4 30 10 -1',
  ].join('\n')
  expect(connectionsIn(table)).toEqual([
    { local: { address: '127.0.0.1', port: 2379 }, remote: { address: '127.0.0.1', port: 54_000 }, inode: '4711' },
    { local: { address: '10.213.0.11', port: 2379 }, remote: { address: '10.213.0.14', port: 40_000 }, inode: '4713' },
  ])
})

test('names the process at both ends of a connection of this machine', async () => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  const client = connect(port, '127.0.0.1')
  await once(client, 'connect')
  const { connections } = await sockets(port)
  const both = { process: 'holdfast', client: '127.0.0.1', server: '127.0.0.1', ports: [client.localPort] }
  expect(connections).toHaveLength(2)
  expect(connections).toContainEqual({ end: 'client', ...both })
  expect(connections).toContainEqual({ end: 'server', ...both })
  client.destroy()
  server.close()
  await once(server, 'close')
  expect((await sockets(port)).connections).toEqual([])
})
