import { createSocket } from 'node:dgram'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { createServer as createHttp } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import { afterAll, describe, expect, test } from 'vitest'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { freshTcp } from './attempts/fresh-tcp.ts'
import type { Outcome } from './attempts/index.ts'
import { udp } from './attempts/udp.ts'
import { Probes } from './probes.ts'
import type { ProbeSpec } from '../rpc/parameters.ts'
import { sample } from './sample.ts'

const servers: { close(): unknown }[] = []
afterAll(() => servers.map((server) => server.close()))

async function port(server: Server): Promise<number> {
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return (server.address() as AddressInfo).port
}

const named = await port(createHttp((_, response) => response.end('web-1')))
const wrong = await port(createHttp((_, response) => response.writeHead(503).end()))
const silent = await port(createServer(() => undefined))
const closing = await port(createServer((socket) => socket.end()))
const echo = createSocket('udp4')
servers.push(echo)
echo
  .on('message', (message, from) => {
    const [what, rest = ''] = message.toString().split(' ')
    echo.send(what === 'echo' ? rest : 'web-2', from.port, from.address)
  })
  .bind(0, '127.0.0.1')
await once(echo, 'listening')
/** No process listens there any more. */
const gone = await port(createServer())
servers.pop()?.close()

type Attempt = RecordOf<'attempt'>

/** Returns the first `count` attempts that a probe records. */
async function probed(spec: Partial<ProbeSpec>, count = 5): Promise<Attempt[]> {
  const attempts: Attempt[] = []
  let probes: Probes | undefined
  await new Promise<void>((resolve) => {
    probes = new Probes((record: JournalRecord) => {
      if (record.kind === 'attempt') attempts.push(record)
      if (attempts.length >= count) resolve()
    })
    const target = {
      id: 'p',
      from: 'here',
      service: 'ns/web',
      protocol: 'tcp',
      address: '127.0.0.1',
      port: named,
    } as const
    probes.start({ ...target, perSecond: 200, timeoutMs: 10_000, ...spec })
  })
  probes?.stop()
  return attempts.slice(0, count)
}

const ports = (attempts: readonly Attempt[]): number => new Set(attempts.map(({ sourcePort }) => sourcePort)).size

describe('an answered attempt records its backend and its source port', () => {
  test('over a fresh connection each', async () => {
    const attempts = await probed({})
    expect(attempts).toEqual(attempts.map(() => expect.objectContaining({ ok: true, backend: 'web-1' }) as unknown))
    expect(ports(attempts)).toBe(5)
  })
  test('over one that is kept', async () => {
    const attempts = await probed({ connection: 'kept' })
    expect(attempts).toEqual(
      attempts.map(() => expect.objectContaining({ ok: true, backend: 'web-1', connection: 'kept' }) as unknown),
    )
    expect(ports(attempts)).toBe(1)
  })
  test('by datagram', async () => {
    const attempts = await probed({ protocol: 'udp', port: echo.address().port })
    expect(attempts).toEqual(attempts.map(() => expect.objectContaining({ ok: true, backend: 'web-2' }) as unknown))
    expect(ports(attempts)).toBe(5)
  })
  test('by datagrams of one flow', async () => {
    const attempts = await probed({ protocol: 'udp', connection: 'kept', port: echo.address().port })
    expect(attempts).toEqual(
      attempts.map(() => expect.objectContaining({ ok: true, backend: 'web-2', connection: 'kept' }) as unknown),
    )
    expect(ports(attempts)).toBe(1)
  })
  test('by the connection alone', async () => {
    expect(await probed({ request: 'connect', port: silent })).toMatchObject(Array(5).fill({ ok: true }))
  })
})

describe('an unanswered attempt records the reason', () => {
  test.each([
    ['refused', { port: gone }],
    ['refused', { port: gone, connection: 'kept' }],
    ['refused', { port: gone, protocol: 'udp' }],
    ['refused', { port: gone, protocol: 'udp', connection: 'kept' }],
    ['no-answer', { port: silent, timeoutMs: 100 }],
    ['no-answer', { port: silent, connection: 'kept', timeoutMs: 100 }],
    ['closed', { port: closing }],
    ['closed', { port: closing, connection: 'kept' }],
    ['wrong-answer', { port: wrong }],
    ['wrong-answer', { port: wrong, connection: 'kept' }],
    ['no-name', { name: { dns: `127.0.0.1:${gone}`, host: 'web.ns.svc' } }],
  ] as const)('%s: %j', async (errorClass, spec) => {
    expect(await probed(spec, 3)).toMatchObject(Array(3).fill({ ok: false, errorClass }))
  })
})

test('of the datagrams of one flow, exactly the unanswered ones fail, independently of those before', async () => {
  const some = createSocket('udp4')
  servers.push(some)
  let received = 0
  some
    .on('message', (message, from) => {
      const [what, number = ''] = message.toString().split(' ')
      if (what !== 'echo') return
      // The third to the fifth are lost; the answers of two others are reordered.
      received++
      if (received >= 3 && received <= 5) return
      setTimeout(() => some.send(number, from.port, from.address), received === 7 ? 12 : 0)
    })
    .bind(0, '127.0.0.1')
  await once(some, 'listening')
  const about = { protocol: 'udp', connection: 'kept', port: some.address().port } as const
  // Time-out and rate are such that the lost ones are given up before the last one is recorded.
  const attempts = await probed({ ...about, perSecond: 50, timeoutMs: 2_000 }, 130)
  const first = Math.min(...attempts.map(({ at }) => at))
  const lost = attempts.filter(({ ok }) => !ok).map(({ at }) => Math.round((at - first) / 20))
  expect(lost).toHaveLength(3)
  expect([(lost[1] ?? 0) - (lost[0] ?? 0), (lost[2] ?? 0) - (lost[1] ?? 0)].every((step) => step > 0)).toBe(true)
})

test('attempts never wait for an answer: they are due at a fixed rate, and each ends by itself', async () => {
  for (const connection of ['fresh', 'kept'] as const) {
    const attempts = await probed({ port: silent, connection, timeoutMs: 60 }, 40)
    const due = attempts.map(({ at }) => at).toSorted((a, b) => a - b)
    // A machine without time for the probe leaves a gap, so a step may be longer, by whole periods.
    for (const [n, at] of due.entries()) if (n > 0) expect((at - (due[n - 1] ?? 0)) % 5).toBeCloseTo(0, 5)
    expect(new Set(due).size).toBe(due.length)
  }
})

test.runIf(process.platform === 'linux')(
  'a server that closes a connection after its answer keeps no state of it',
  async () => {
    const own = await port(createHttp((_, response) => response.end('web-1')))
    expect(await probed({ port: own }, 20)).toMatchObject(Array(20).fill({ ok: true }))
    const local = `0100007F:${own.toString(16).padStart(4, '0').toUpperCase()}`
    const waiting = readFileSync('/proc/net/tcp', 'utf8')
      .split('\n')
      .map((line) => line.trim().split(/\s+/))
      .filter(([, from, , state]) => from === local && state === '06')
    expect(waiting).toEqual([])
  },
)

test('a source port in use is skipped, and is no failure', async () => {
  const taken = await port(createServer())
  const socket = createSocket('udp4')
  servers.push(socket)
  socket.bind(taken, '127.0.0.1')
  await once(socket, 'listening')
  for (const [begin, where] of [
    [freshTcp, named],
    [udp, echo.address().port],
  ] as const) {
    let n = 0
    const free = taken < 40_000 ? taken + 1_000 : taken - 1_000
    const ports = { take: () => (n++ === 0 ? taken : free + n) }
    const target = { protocol: 'tcp', address: '127.0.0.1', port: where, request: 'hostname' } as const
    const outcome = await new Promise<Outcome>((resolve) => begin(target, ports, '127.0.0.1')(resolve))
    expect(outcome).toMatchObject({ backend: expect.stringMatching(/^web/) as unknown })
    expect(n).toBeGreaterThan(1)
  }
})

test('a sample counts answers by backend, and missing answers', async () => {
  const target = { from: 'here', service: 'ns/web', protocol: 'tcp', address: '127.0.0.1', timeoutMs: 500 } as const
  expect(await sample({ ...target, port: named, attempts: 20, concurrency: 4 })).toMatchObject({
    attempts: 20,
    failed: 0,
    backends: { 'web-1': 20 },
  })
  const silent = await sample({ ...target, port: gone, attempts: 100, concurrency: 2 })
  expect(silent).toMatchObject({ failed: silent.attempts, backends: {} })
  expect(silent.attempts, 'ends early').toBeLessThan(20)
})
