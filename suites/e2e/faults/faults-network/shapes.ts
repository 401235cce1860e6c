import { expect } from 'vitest'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { type Pair, bridge, halves, isolated, oneWay, ring } from '../../../../harness/faults/network/grudges.ts'
import type { BreakableCluster } from '../breakable-cluster.ts'
import { testEffect } from '../proving.ts'

const port = 9_096

/**
 * Sends a datagram from each machine to all others and returns the received pairs, each direction separately. Each machine then
 * sends itself a last datagram, over loopback: earlier datagrams have arrived by then.
 */
async function receivedPairs(machines: readonly Machine[]): Promise<string[]> {
  const run = async (machine: Machine, script: string): Promise<string> => {
    const { exitCode, stdout, stderr } = await machine.call('exec', { argv: ['sh', '-c', script], timeoutMs: 20_000 })
    if (exitCode !== 0) throw new Error(`${machine.name}: ${stderr}`)
    return stdout.trim()
  }
  const send = (what: string, to: string): string => `echo ${what} | socat -u - UDP-SENDTO:${to}:${port}`
  const all = (script: (machine: Machine) => string): Promise<string[]> =>
    Promise.all(machines.map((machine) => run(machine, script(machine))))
  const bound = `grep -q ':${port.toString(16).toUpperCase()} ' /proc/net/udp /proc/net/udp6`
  await all(
    () =>
      `socat -u UDP-RECV:${port} OPEN:/tmp/received,creat,trunc </dev/null >/dev/null 2>&1 &
       echo $! >/tmp/received.pid; until ${bound}; do :; done`,
  )
  await all((from) => {
    const others = machines.filter((one) => one !== from)
    return `${others.map(({ spec }) => send(from.name, spec.address)).join('; ')}; true`
  })
  const received = await all(
    () =>
      `${send('goodbye', '127.0.0.1')}; until grep -q goodbye /tmp/received; do :; done
       kill $(cat /tmp/received.pid); grep -v goodbye /tmp/received; rm /tmp/received /tmp/received.pid`,
  )
  return machines
    .flatMap(({ name }, n) =>
      (received[n] ?? '').split('\n').flatMap((from) => (from === '' ? [] : [`${from}>${name}`])),
    )
    .sort()
}

/** Partitions of five machines in every shape and with every verdict: received datagrams before, during and after. */
export function shapeTests(it: () => BreakableCluster): void {
  const five = (): readonly Machine[] => it().own.cluster.nodes
  const shapes: readonly (readonly [
    string,
    'drop' | 'reject' | 'reset',
    (all: readonly Machine[]) => Pair<Machine>[],
  ])[] = [
    ['isolated', 'drop', ([first, ...rest]) => (first ? isolated(first, rest) : [])],
    ['a minority and a majority', 'drop', halves],
    ['a minority and a majority', 'reject', halves],
    ['bridge', 'reset', bridge],
    ['ring', 'drop', ring],
    ['one way', 'drop', ([first, ...rest]) => (first ? oneWay([first], rest) : [])],
    ['one way', 'reject', ([first, ...rest]) => (first ? oneWay(rest, [first]) : [])],
  ]
  for (const [shape, verdict, cutOf] of shapes) {
    testEffect('partition', `${shape}, ${verdict}: separates exactly the pairs of the shape`, it, async () => {
      const machines = five()
      const all = machines
        .flatMap((from) => machines.filter((to) => to !== from).map((to) => `${from.name}>${to.name}`))
        .sort()
      const cuts = cutOf(machines)
      const cut = cuts.map(({ from, to }) => `${from.name}>${to.name}`)
      expect(cut.length).toBeGreaterThan(0)
      expect(cut.length).toBeLessThan(all.length)
      expect(await receivedPairs(machines), 'before').toEqual(all)
      const active = await it().faults.partition(cuts, { network: 'cluster', verdict, protocol: 'udp' })
      expect(await receivedPairs(machines), 'during').toEqual(all.filter((way) => !cut.includes(way)))
      await active.heal()
      expect(await receivedPairs(machines), 'after').toEqual(all)
    })
  }
}
