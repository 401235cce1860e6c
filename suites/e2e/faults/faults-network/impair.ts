import { expect } from 'vitest'
import { agnhostPorts } from '../../../../harness/cluster/agnhost.ts'
import { eventually } from '../../../../harness/common/eventually.ts'
import type { ImpairOptions } from '../../../../harness/faults/network/impair-options.ts'
import { testEffect, refused } from '../proving.ts'
import type { PodPair } from './pod-pair.ts'
import { listen, transfer } from './transfer.ts'

/*
 * UDP receivers confirm what happens to packets; for TCP the counters of both kernels do. Each sample is so large that a test fails
 * by chance less than once in a million times. Comments give the probabilities.
 */

export function impairTests(pair: () => PodPair): void {
  const impaired = (options: ImpairOptions) => pair().faults.impair(pair().wayThere, { network: 'pods', ...options })

  /** Returns the milliseconds of `count` sequential requests, each over a new connection. */
  const times = async (protocol: 'tcp' | 'udp', count: number): Promise<number[]> => {
    const taken: number[] = []
    for (let n = 0; n < count; n++) {
      const { at, endedAt, failed } = await pair().drawn(protocol, 1)
      expect(failed, protocol).toBe(0)
      taken.push(endedAt - at)
    }
    return taken
  }
  const fastest = async (protocol: 'tcp' | 'udp', count = 4): Promise<number> =>
    Math.min(...(await times(protocol, count)))
  /** Returns the web server's answers to one datagram within half a second. */
  const answers = (text: string): Promise<string> =>
    pair().inPod(
      'worker',
      `printf %s '${text}' | socat -T 0.5 - UDP:${pair().pod('master').address}:${agnhostPorts.udp}`,
    )
  /** About 210 full segments. */
  const bytes = 300_000

  testEffect('impair', 'latency delays a new connection and a datagram', pair, async () => {
    const before = { tcp: await fastest('tcp'), udp: await fastest('udp') }
    const active = await impaired({ latency: '60ms' })
    // The handshake and the request are delayed, the answers are not.
    const during = { tcp: await fastest('tcp'), udp: await fastest('udp') }
    expect(during.tcp).toBeGreaterThan(119)
    expect(during.udp).toBeGreaterThan(59)
    await active.heal()
    expect(before.udp).toBeLessThan(during.udp)
    expect(before.tcp).toBeLessThan(during.tcp)
    expect(await fastest('udp')).toBeLessThan(during.udp)
  })

  testEffect(
    'impair',
    'with jitter some packets arrive earlier than with latency alone, within the given range',
    pair,
    async () => {
      const active = await impaired({ latency: '50ms', jitter: '40ms' })
      // Uniform from 10 to 90 ms: none of 45 below 40 ms has probability 0.625^45 = 7e-10.
      const udp = await fastest('udp', 45)
      expect(udp).toBeGreaterThan(9)
      expect(udp).toBeLessThan(48)
      // Two delays, 20 to 180 ms: below 85 ms has probability 0.33, and none of 45 has 2e-8.
      const tcp = await fastest('tcp', 45)
      expect(tcp).toBeGreaterThan(19)
      expect(tcp).toBeLessThan(96)
      await active.heal()
      expect(await fastest('udp')).toBeLessThan(48)
    },
  )

  testEffect('impair', 'applies between machines by port, and not to their pods', pair, async () => {
    const [from, to] = [pair().machine('worker'), pair().machine('master')]
    const fastestRequest = async () => {
      const url = pair().hostUrl('master')
      const tries = [await pair().attempt('worker', url), await pair().attempt('worker', url)]
      return Math.min(...tries.map(({ answered, ms }) => (answered ? ms : Number.POSITIVE_INFINITY)))
    }
    const before = await fastestRequest()
    const options = { network: 'cluster', protocol: 'tcp', port: 10_256, latency: '80ms' } as const
    const active = await pair().faults.impair([{ from, to }], options)
    const during = await fastestRequest()
    expect(during).toBeGreaterThan(79)
    expect(during).toBeGreaterThan(before)
    expect(await fastest('udp')).toBeLessThan(during)
    await active.heal()
    expect(await fastestRequest()).toBeLessThan(during)
  })

  testEffect('impair', 'loses datagrams, and segments until they are retransmitted', pair, async () => {
    expect(await pair().drawn('udp', 60)).toMatchObject({ failed: 0 })
    const before = await transfer(pair(), bytes)
    expect(before).toMatchObject({ bytes, wrong: 0 })
    {
      await using _ = await impaired({ loss: 40, protocol: 'udp' })
      // 24 of 60 are expected; fewer than 6 has probability 2e-8, more than 44 has 9e-8.
      const { failed } = await pair().drawn('udp', 60)
      expect(failed).toBeGreaterThan(5)
      expect(failed).toBeLessThan(45)
    }
    {
      await using _ = await impaired({ loss: 8, protocol: 'tcp' })
      // None of 210 lost has probability 0.92^210 = 2e-8.
      const during = await transfer(pair(), bytes)
      expect(during).toMatchObject({ bytes, wrong: 0 })
      expect(during.sentAgain).toBeGreaterThan(before.sentAgain)
    }
    expect(await pair().drawn('udp', 60)).toMatchObject({ failed: 0 })
  })

  testEffect('impair', 'duplicates packets: a datagram is answered twice, a segment arrives again', pair, async () => {
    expect(await answers('hostname')).toBe(pair().pod('master').name)
    const before = await transfer(pair(), bytes)
    {
      await using _ = await impaired({ duplicate: 100 })
      expect(await answers('hostname')).toBe(pair().pod('master').name + pair().pod('master').name)
      const during = await transfer(pair(), bytes)
      expect(during).toMatchObject({ bytes, wrong: 0 })
      expect(during.twice).toBeGreaterThan(before.twice + 20)
    }
    expect(await answers('hostname')).toBe(pair().pod('master').name)
  })

  testEffect(
    'impair',
    'corrupts packets: a kernel drops them, or accepts them with corrected checksums',
    pair,
    async () => {
      const text = '1'.repeat(500)
      expect(await answers(`echo ${text}`)).toBe(text)
      const before = await transfer(pair(), bytes)
      {
        await using _ = await impaired({ corrupt: 100, protocol: 'udp' })
        expect(await answers(`echo ${text}`)).toBe('')
      }
      {
        // None of 210 corrupted has probability 0.9^210 = 2e-10.
        await using _ = await impaired({ corrupt: 10 })
        const during = await transfer(pair(), bytes)
        expect(during).toMatchObject({ bytes, wrong: 0 })
        expect(during.sentAgain).toBeGreaterThan(before.sentAgain)
      }
      {
        await using _ = await impaired({ corrupt: 100, checksums: 'mended', protocol: 'udp' })
        // One datagram in a hundred is corrupted in its command and gets no answer.
        const answer = await eventually('an answer', async () => (await answers(`echo ${text}`)) || undefined, {
          timeoutMs: 10_000,
        })
        expect(answer).not.toBe(text)
        expect(answer.length).toBeGreaterThan(450)
      }
      {
        await using _ = await impaired({ corrupt: 10, checksums: 'mended' })
        const during = await transfer(pair(), bytes)
        expect(during.bytes).toBe(bytes)
        expect(during.wrong).toBeGreaterThan(0)
      }
      expect(await answers(`echo ${text}`)).toBe(text)
    },
  )

  testEffect('impair', 'reorders packets, and a kernel restores the order of segments', pair, async () => {
    const port = 9_099
    const before = await transfer(pair(), bytes)
    await using _ = await impaired({ reorder: 30, reorderBy: '80ms', seed: 7 })
    const received = pair().inPod('master', `timeout 4 socat -u UDP-RECV:${port} -`)
    await listen(pair(), 'udp', port)
    const to = `UDP-SENDTO:${pair().pod('master').address}:${port}`
    await pair().inPod('worker', `for n in $(seq 1 30); do echo $n; sleep 0.01; done | socat -u - ${to}`)
    const numbers = (await received).trim().split('\n').map(Number)
    expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
    expect(numbers).not.toEqual([...numbers].sort((a, b) => a - b))
    const during = await transfer(pair(), bytes)
    expect(during).toMatchObject({ bytes, wrong: 0 })
    expect(during.outOfOrder).toBeGreaterThan(before.outOfOrder)
  })

  for (const means of ['kernel', 'queue'] as const) {
    testEffect('impair', `limits the rate of a connection and of datagrams: ${means}`, pair, async () => {
      const much = `http://${pair().pod('master').address}:${agnhostPorts.tcp}/echo?msg=${'1'.repeat(20_000)}`
      const overTcp = () => pair().attempt('worker', much, { pod: true, timeoutMs: 5_000 })
      const before = { tcp: await overTcp(), udp: await datagrams(pair(), 20) }
      const active = await impaired({ rate: 25_000, means })
      const during = { tcp: await overTcp(), udp: await datagrams(pair(), 20) }
      expect(during.tcp.answered).toBe(true)
      // At 25 kB a second 20 kB take 0.8 s, less the burst.
      expect(during.tcp.ms).toBeGreaterThan(600)
      expect(during.udp).toBeGreaterThan(600)
      expect(before.tcp.ms).toBeLessThan(during.tcp.ms)
      expect(before.udp).toBeLessThan(during.udp)
      await active.heal()
      expect(await datagrams(pair(), 20)).toBeLessThan(during.udp)
    })
  }

  testEffect('impair', 'a killed impair program lets packets pass, and the fault ends early', pair, async () => {
    const active = await impaired({ loss: 100 })
    expect((await pair().drawn('udp', 3)).failed).toBe(3)
    await pair().shell(pair().machine('worker'), 'pkill -KILL -x impair')
    await eventually('packets to pass', async () => (await pair().drawn('udp', 1)).failed === 0, { timeoutMs: 5_000 })
    await active.heal()
    const { evidence } = pair().records.findLast((record) => record.kind === 'fault') ?? {}
    expect(evidence?.at(-1)).toEqual({ proves: 'the fault ended before it was reverted', facts: { early: true } })
  })

  refused('impair', 'options that this kernel does not support', pair, async () => {
    // netem has no option for checksums. A kernel without netem supports no impairment by kernel.
    const options: ImpairOptions[] = [{ corrupt: 1, checksums: 'mended', means: 'kernel' }]
    const netem = await pair().shell(
      pair().machine('worker'),
      'unshare --net tc qdisc add dev lo root netem loss 1% 2>&1 || echo none',
    )
    if (netem.endsWith('none')) options.push({ loss: 1, means: 'kernel' }, { latency: '1ms', means: 'kernel' })
    return options.map((one) => () => impaired(one))
  })
}

/** Sends `count` datagrams of 1,000 bytes at once and returns the milliseconds until all have arrived. */
async function datagrams(pair: PodPair, count: number): Promise<number> {
  const [port, bytes] = [9_097, 1_000]
  const received = pair.inPod('master', `timeout 8 socat -u UDP-RECV:${port},readbytes=${count * bytes} - | wc -c`)
  await listen(pair, 'udp', port)
  const began = performance.now()
  const to = `UDP-SENDTO:${pair.pod('master').address}:${port}`
  await pair.inPod('worker', `head -c ${count * bytes} /dev/zero | socat -u -b ${bytes} - ${to}`)
  expect(Number(await received)).toBe(count * bytes)
  return performance.now() - began
}
