import { describe, expect, test } from 'vitest'
import { type Impairment, handleOf, leafOf, netemCan, onlyRate, queueOf, tcLines } from './impairment.ts'

const rule = { label: 'a>b', from: '10.0.0.1', to: '10.0.0.2' }
const lines = (impairment: Impairment): string[] => tcLines('eth0', '4801', [rule], impairment)

describe('tcLines', () => {
  test('sends only the packets of its rules through its class', () => {
    expect(lines({ rateBytesPerSecond: 100_000, backlogMs: 500 })).toEqual([
      'qdisc add dev eth0 root handle 4801: htb default 0',
      'class add dev eth0 parent 4801: classid 4801:1 htb rate 800000bit burst 3000b cburst 3000b',
      'qdisc add dev eth0 parent 4801:1 handle 4901: bfifo limit 50000',
      'filter add dev eth0 parent 4801: protocol ip prio 1 u32 match ip src 10.0.0.1 match ip dst 10.0.0.2 flowid 4801:1',
    ])
  })

  test('leaves the rest to netem, in the syntax of tc', () => {
    const all = { delayMs: 50, jitterMs: 10, lossPercent: 1.5, duplicatePercent: 2, corruptPercent: 3 }
    expect(lines(all)[2]).toBe(
      'qdisc add dev eth0 parent 4801:1 handle 4901: netem limit 100000 delay 50ms 10ms loss 1.5% duplicate 2% corrupt 3%',
    )
    expect(lines({ lossPercent: 5 })[2]).toMatch(/netem limit 100000 loss 5%$/)
    expect(lines({ lossPercent: 5, rateBytesPerSecond: 1_000 })[1]).toContain('rate 8000bit')
  })

  test('a port at either end takes two filters', () => {
    const [one, other] = tcLines('eth0', '4801', [{ ...rule, protocol: 'tcp', port: 80 }], { delayMs: 1 }).slice(3)
    expect(one).toMatch(/match ip protocol 6 0xff match ip sport 80 0xffff flowid 4801:1$/)
    expect(other).toMatch(/match ip dport 80 0xffff flowid 4801:1$/)
  })
})

test('what the kernel can do by itself', () => {
  expect(onlyRate({ rateBytesPerSecond: 1, backlogMs: 1, seed: 1 })).toBe(true)
  expect(onlyRate({ rateBytesPerSecond: 1, lossPercent: 1 })).toBe(false)
  expect(onlyRate({ lossPercent: 1 })).toBe(false)
  expect(netemCan({ delayMs: 1, lossPercent: 1, corruptPercent: 1 })).toBe(true)
  expect(netemCan({ reorderPercent: 1, reorderMs: 1 })).toBe(false)
  expect(netemCan({ corruptPercent: 1, mendChecksums: true })).toBe(false)
})

test("numbers derive from a fault's name, in the range of the kernel and of tc", () => {
  for (let n = 0; n < 500; n++) {
    const name = `holdfast_impair_${n.toString(16)}`
    expect(handleOf(name)).toMatch(/^48[0-9a-f]{2}$/)
    expect(leafOf(handleOf(name))).toMatch(/^49[0-9a-f]{2}$/)
    expect(queueOf(name)).toBe(queueOf(name))
    expect(queueOf(name)).toBeLessThan(0xffff)
  }
  expect(new Set(Array.from({ length: 500 }, (_, n) => queueOf(`holdfast_x_${n}`))).size).toBeGreaterThan(300)
})
