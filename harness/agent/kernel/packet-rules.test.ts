import { describe, expect, test } from 'vitest'
import { type Fate, type PacketRule, countersOf, tableScript } from './packet-rules.ts'

const rule: PacketRule = { label: 'a>b', from: '10.0.0.1', to: '10.0.0.2' }
const lines = (one: PacketRule, fate: Fate): string[] =>
  tableScript('holdfast_x', 'arriving', [one], fate)
    .split('\n')
    .filter((line) => line.includes('comment'))
    .map((line) => line.trim().replace(/;$/, ''))

describe('tableScript', () => {
  test('drops between two addresses where packets arrive, before anything else', () => {
    expect(tableScript('holdfast_x', 'arriving', [rule], { do: 'drop' })).toBe(
      [
        'table inet holdfast_x {',
        'chain prerouting {',
        ' type filter hook prerouting priority -300; policy accept;',
        ' ip saddr 10.0.0.1 ip daddr 10.0.0.2 counter drop comment "a>b";',
        '};',
        '}',
      ].join('\n'),
    )
  })

  test('matches a port at either end, or at the destination only', () => {
    const ported = { label: 'p', protocol: 'tcp', port: 2380 } as const
    expect(lines(ported, { do: 'drop' })).toEqual([
      'meta l4proto tcp th dport 2380 counter drop comment "p"',
      'meta l4proto tcp th dport != 2380 th sport 2380 counter drop comment "p"',
    ])
    expect(lines({ label: 'p', port: 53, destination: true }, { do: 'drop' })).toEqual([
      'meta l4proto { tcp, udp } th dport 53 counter drop comment "p"',
    ])
  })

  test('matches established connections one way only, so that handshakes still begin', () => {
    expect(lines({ ...rule, established: true }, { do: 'drop' })).toEqual([
      'ip saddr 10.0.0.1 ip daddr 10.0.0.2 ct direction original ct state established counter drop comment "a>b"',
    ])
  })

  test('resets TCP and refuses the rest', () => {
    expect(lines(rule, { do: 'reset' })).toEqual([
      'ip saddr 10.0.0.1 ip daddr 10.0.0.2 meta l4proto tcp counter reject with tcp reset comment "a>b"',
      'ip saddr 10.0.0.1 ip daddr 10.0.0.2 meta l4proto != tcp counter reject with icmpx port-unreachable comment "a>b"',
    ])
    expect(lines({ ...rule, protocol: 'udp' }, { do: 'reset' })).toHaveLength(1)
  })
})

test('countersOf adds up the rules of a label and leaves out rules without one', () => {
  const listing = [
    'table inet holdfast_x {',
    '\tchain prerouting {',
    '\t\ttype filter hook prerouting priority raw; policy accept;',
    '\t\tip saddr 10.0.0.1 counter packets 2 bytes 120 drop comment "a>b"',
    '\t\tmeta l4proto tcp counter packets 3 bytes 120 reject with tcp reset comment "a>b"',
    '\t\tip saddr 10.0.0.3 counter packets 0 bytes 0 drop comment "c>d"',
    '\t\tip saddr 10.0.0.4 counter packets 9 bytes 0 drop',
    '\t}',
    '}',
  ].join('\n')
  expect(Object.fromEntries(countersOf(listing))).toEqual({ 'a>b': 5, 'c>d': 0 })
})
