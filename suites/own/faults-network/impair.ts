import { describe, expect, test } from 'vitest'
import { agnhostPorts } from '../../../harness/cluster/agnhost.ts'
import { eventually } from '../../../harness/eventually.ts'
import type { ImpairOptions } from '../../../harness/faults/impair.ts'
import type { PodPair } from './pod-pair.ts'

export function impairTests(pair: () => PodPair): void {
  /** Milliseconds that fresh requests took, the fastest of a few. */
  const fastest = async (protocol: 'tcp' | 'udp'): Promise<number> => {
    const times: number[] = []
    for (let n = 0; n < 4; n++) {
      const { at, endedAt, failed } = await pair().drawn(protocol, 1)
      expect(failed, protocol).toBe(0)
      times.push(endedAt - at)
    }
    return Math.min(...times)
  }
  /** What the web server says to one datagram, all of it in half a second. */
  const answers = (text: string): Promise<string> =>
    pair().inPod(
      'worker',
      `printf %s '${text}' | socat -T 0.5 - UDP:${pair().pod('master').address}:${agnhostPorts.udp}`,
    )

  describe('impair', () => {
    const impaired = (options: ImpairOptions) => pair().faults.impair(pair().wayThere, { network: 'pods', ...options })

    test('latency is what a fresh connection and a datagram are late by', async () => {
      const before = { tcp: await fastest('tcp'), udp: await fastest('udp') }
      const lease = await impaired({ latency: '60ms', jitter: '5ms' })
      // A handshake and a request go there; what comes back is not late.
      const during = { tcp: await fastest('tcp'), udp: await fastest('udp') }
      expect(during.tcp).toBeGreaterThan(110)
      expect(during.udp).toBeGreaterThan(55)
      await lease.heal()
      expect(before.udp).toBeLessThan(during.udp)
      expect(before.tcp).toBeLessThan(during.tcp)
      expect(await fastest('udp')).toBeLessThan(during.udp)
      expect(await pair().residue()).toEqual([])
    })

    test('between machines too, by a port, and not their pods', async () => {
      const [from, to] = [pair().machine('worker'), pair().machine('master')]
      const ask = async () => {
        const url = pair().hostUrl('master')
        const tries = [await pair().attempt('worker', url), await pair().attempt('worker', url)]
        return Math.min(...tries.map(({ answered, ms }) => (answered ? ms : Number.POSITIVE_INFINITY)))
      }
      const before = await ask()
      const options = { network: 'cluster', protocol: 'tcp', port: 10_256, latency: '80ms' } as const
      const lease = await pair().faults.impair([{ from, to }], options)
      const during = await ask()
      expect(during).toBeGreaterThan(75)
      expect(during).toBeGreaterThan(before)
      expect(await fastest('udp')).toBeLessThan(during)
      await lease.heal()
      expect(await ask()).toBeLessThan(during)
    })

    test('some of many are lost, and none before or after', async () => {
      expect(await pair().drawn('udp', 60)).toMatchObject({ failed: 0 })
      const lease = await impaired({ loss: 40, protocol: 'udp' })
      const { failed } = await pair().drawn('udp', 60)
      expect(failed).toBeGreaterThan(5)
      expect(failed).toBeLessThan(55)
      await lease.heal()
      expect(await pair().drawn('udp', 60)).toMatchObject({ failed: 0 })
    })

    test('what is doubled is answered twice', async () => {
      expect(await answers('hostname')).toBe(pair().pod('master').name)
      await using _ = await impaired({ duplicate: 100 })
      expect(await answers('hostname')).toBe(pair().pod('master').name + pair().pod('master').name)
    })

    test('what is damaged is dropped by a kernel, or believed when its checksum is mended', async () => {
      const text = '1'.repeat(500)
      expect(await answers(`echo ${text}`)).toBe(text)
      {
        await using _ = await impaired({ corrupt: 100, protocol: 'udp' })
        expect(await answers(`echo ${text}`)).toBe('')
      }
      await using _ = await impaired({ corrupt: 100, checksums: 'mended', protocol: 'udp' })
      // One in a hundred is damaged where the server reads what it is to do, and not answered at all.
      const said = await eventually('an answer', async () => (await answers(`echo ${text}`)) || undefined, {
        withinMs: 10_000,
      })
      expect(said).not.toBe(text)
      expect(said.length).toBeGreaterThan(450)
    })

    test('some are overtaken', async () => {
      const port = 9_099
      const heard = pair().inPod('master', `timeout 4 socat -u UDP-RECV:${port} -`)
      await eventually(
        'somebody to listen',
        async () => (await pair().inPod('master', 'cat /proc/net/udp')).includes('238B'),
        {
          withinMs: 3_000,
        },
      )
      await using _ = await impaired({ reorder: 30, reorderBy: '80ms', seed: 7 })
      const to = `UDP-SENDTO:${pair().pod('master').address}:${port}`
      await pair().inPod('worker', `for n in $(seq 1 30); do echo $n; sleep 0.01; done | socat -u - ${to}`)
      const numbers = (await heard).trim().split('\n').map(Number)
      expect([...numbers].sort((a, b) => a - b)).toEqual(Array.from({ length: 30 }, (_, n) => n + 1))
      expect(numbers).not.toEqual([...numbers].sort((a, b) => a - b))
    })

    test.each(['kernel', 'queue'] as const)('a rate makes much take long: %s', async (means) => {
      const much = `http://${pair().pod('master').address}:${agnhostPorts.tcp}/echo?msg=${'1'.repeat(20_000)}`
      const before = await pair().attempt('worker', much, { pod: true, timeoutMs: 5_000 })
      const lease = await impaired({ rate: 25_000, means })
      const { answered, ms } = await pair().attempt('worker', much, { pod: true, timeoutMs: 5_000 })
      expect(answered).toBe(true)
      expect(ms).toBeGreaterThan(600)
      expect(before.ms).toBeLessThan(ms)
      await lease.heal()
      expect(await pair().residue()).toEqual([])
    })

    test('a program that ends too early lets packets pass, and the fault does not count', async () => {
      const lease = await impaired({ loss: 100 })
      expect((await pair().drawn('udp', 3)).failed).toBe(3)
      await pair()
        .machine('worker')
        .call('exec', { argv: ['pkill', '-KILL', '-x', 'impair'], timeoutMs: 2_000 })
      await eventually('packets to pass', async () => (await pair().drawn('udp', 1)).failed === 0, { withinMs: 5_000 })
      await lease.heal()
      const { evidence } = pair().told.findLast((record) => record.kind === 'fault') ?? {}
      expect(evidence?.at(-1)).toEqual({ proves: 'it ended before it was healed', facts: { early: true } })
      expect(await pair().residue()).toEqual([])
    })
  })
}
