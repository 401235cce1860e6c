import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { type Difference, compare } from './rules/compare.ts'
import { expectations } from './rules/model.ts'
import { readRules } from './rules/read-rules.ts'
import { type ProxyMachine, type ServicePort, formatPort } from './service-port.ts'
import { iptablesText } from './testing/iptables-text.ts'
import { mutations } from './testing/mutations.ts'
import { nftText } from './testing/nft-text.ts'
import { machineNamed, machineNames, manyServices, services } from './testing/service-samples.ts'
import { usableEndpoints } from './usable-endpoints.ts'

const writers = { iptables: iptablesText, nftables: nftText } as const
const modes = ['iptables', 'nftables'] as const

const situation = fc.record({ ports: services, machine: fc.constantFrom(...machineNames).map(machineNamed) })

function differences(
  ports: readonly ServicePort[],
  text: string,
  mode: keyof typeof writers,
  machine: ProxyMachine,
): Difference[] {
  return compare(expectations(ports, machine), readRules(mode, text, machine), machine)
}

describe.each(modes)('in mode %s', (mode) => {
  const write = writers[mode]

  test('correct rules have no difference', () => {
    fc.assert(
      fc.property(situation, ({ ports, machine }) => {
        expect(differences(ports, write(ports, machine), mode, machine)).toEqual([])
      }),
      { numRuns: 150 },
    )
  })

  test.each(mutations)('$name is found wherever it is', (mutation) => {
    let tried = 0
    fc.assert(
      fc.property(situation, ({ ports: any, machine }) => {
        // With policy Local for outside traffic several rules may have the same effect: a single missing one has none.
        const ports = any.map((port) => ({ ...port, externalLocal: false }))
        for (const text of mutation[mode](write(ports, machine), ports, machine)) {
          tried += 1
          expect(differences(ports, text, mode, machine), text).not.toEqual([])
        }
      }),
      { numRuns: 25 },
    )
    expect(tried).toBeGreaterThan(0)
  })

  test('rules for former endpoints are found, with their Service', () => {
    const withChange = situation.filter(({ ports }) => ports.length > 0)
    fc.assert(
      fc.property(withChange, fc.nat(), ({ ports, machine }, which) => {
        const changed = ports[which % ports.length]
        if (!changed) return
        const moved = { ...changed, endpoints: changed.endpoints.slice(1) }
        const now = ports.with(ports.indexOf(changed), moved)
        fc.pre(JSON.stringify(usableEndpoints(changed, machine)) !== JSON.stringify(usableEndpoints(moved, machine)))
        // An endpoint that is usable only for one sort of traffic may be unused.
        const stale = differences(now, write(ports, machine), mode, machine)
        const configOf = (list: readonly ServicePort[]): string =>
          JSON.stringify(expectations(list, machine).map(({ packet, fate }) => [packet, fate]))
        fc.pre(configOf(now) !== configOf(ports))
        expect(stale.map(({ service }) => service)).toContain(formatPort(moved))
        expect(new Set(stale.map(({ service }) => service))).toEqual(new Set([formatPort(moved)]))
      }),
      { numRuns: 60 },
    )
  })

  test('rules of a deleted Service are found', () => {
    const [kept, gone] = manyServices(2, 3)
    if (!kept || !gone) throw new Error('there are two')
    const machine = machineNamed('worker1')
    const [found] = differences([kept], write([kept, gone], machine), mode, machine)
    expect(found).toMatchObject({
      machine: 'worker1',
      service: '',
      packet: 'a tcp packet from a pod (10.244.0.0) to 10.96.1.1:80',
      what: expect.stringContaining('and no Service asks for any'),
    })
  })

  test('a rule of an unsupported shape is rejected, and not ignored', () => {
    const [port] = manyServices(1, 2)
    if (!port) throw new Error('there is one')
    const machine = machineNamed('worker1')
    const text =
      mode === 'iptables'
        ? write([port], machine).replace('--mode random', '--mode nth --every 2')
        : write([port], machine).replace('"numgen"', '"symhash"')
    expect(() => differences([port], text, mode, machine)).toThrow(
      expect.objectContaining({ code: 'HF_UNREADABLE_RULE' }),
    )
  })
})

test('a difference names Service, machine, rule and the wrong effect', () => {
  const ports = manyServices(1, 3, 10)
  const machine = machineNamed('worker1')
  const text = iptablesText(ports, machine).replace('--probability 0.5000000000', '--probability 0.25')
  expect(differences(ports, text, 'iptables', machine)).toContainEqual({
    machine: 'worker1',
    service: 'test/web-0:http (tcp 80)',
    packet: 'a tcp packet from a pod (10.244.0.0) to 10.96.1.0:80',
    what: 'goes to 10.244.2.2:8080 in 16.67 % instead of 33.33 %',
    // The first one marks, three match returning senders, and of the two random ones the second one is changed.
    rule: expect.stringMatching(/^rule 6 of KUBE-SVC-/),
  })
})
