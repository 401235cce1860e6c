import { expect, test } from 'vitest'
import { queueScript, queuedOf } from './queue-rules.ts'

const name = 'holdfast_impair_0a1b2c3d'
const queue = { queue: 7, mark: 16 }

test('queueScript uses one named chain, bypasses a program that is gone, and passes its own copies', () => {
  const rule = { label: 'a>b', from: '10.0.0.1', to: '10.0.0.2' }
  expect(queueScript(name, [rule], queue).split('\n')).toEqual([
    '*mangle',
    ':HOLDFAST-0a1b2c3d - [0:0]',
    '-A HOLDFAST-0a1b2c3d -m mark --mark 16 -j RETURN',
    '-A HOLDFAST-0a1b2c3d -s 10.0.0.1 -d 10.0.0.2 -m comment --comment "a>b" -j NFQUEUE --queue-num 7 --queue-bypass',
    '-A POSTROUTING -m comment --comment holdfast_impair_0a1b2c3d -j HOLDFAST-0a1b2c3d',
    'COMMIT',
    '*raw',
    '-A OUTPUT -m mark --mark 16 -m comment --comment holdfast_impair_0a1b2c3d -j CT --notrack',
    'COMMIT',
    '',
  ])
})

test('a port is matched at either end, over the protocols that have ports', () => {
  const lines = queueScript(name, [{ label: 'p', port: 53 }], queue).split('\n')
  expect(lines.filter((line) => line.includes('NFQUEUE')).map((line) => line.split(' -m comment')[0])).toEqual([
    '-A HOLDFAST-0a1b2c3d -p tcp -m multiport --ports 53',
    '-A HOLDFAST-0a1b2c3d -p udp -m multiport --ports 53',
  ])
})

test('queuedOf adds up a label of the chain, and is undefined when the chain is missing', () => {
  const saved = [
    ':HOLDFAST-0a1b2c3d - [0:0]',
    '[9:9] -A POSTROUTING -m comment --comment holdfast_impair_0a1b2c3d -j HOLDFAST-0a1b2c3d',
    '[2:80] -A HOLDFAST-0a1b2c3d -p tcp -m comment --comment "a>b" -j NFQUEUE --queue-num 7 --queue-bypass',
    '[3:80] -A HOLDFAST-0a1b2c3d -p udp -m comment --comment "a>b" -j NFQUEUE --queue-num 7 --queue-bypass',
    '[4:80] -A HOLDFAST-99999999 -p udp -m comment --comment "a>b" -j NFQUEUE --queue-num 8 --queue-bypass',
  ].join('\n')
  expect(Object.fromEntries(queuedOf(saved, name) ?? [])).toEqual({ 'a>b': 5 })
  expect(queuedOf(saved, 'holdfast_impair_ffffffff')).toBeUndefined()
})
