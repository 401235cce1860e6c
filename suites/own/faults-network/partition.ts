import { describe, expect, test } from 'vitest'
import { agnhostPorts } from '../../../harness/cluster/agnhost.ts'
import { isolated } from '../../../harness/faults/grudges.ts'
import type { PodPair } from './pod-pair.ts'

export function partitionTests(pair: () => PodPair): void {
  describe('partition', () => {
    test('silent, between machines: nobody answers and nobody is told; healed, both answer again', async () => {
      expect(await pair().attempt('worker', pair().hostUrl('master'))).toMatchObject({ answered: true })
      const lease = await pair().faults.partition(isolated(pair().machine('worker'), [pair().machine('master')]), {
        network: 'cluster',
      })
      const cutOff = await pair().attempt('worker', pair().hostUrl('master'), { timeoutMs: 300 })
      expect(cutOff).toMatchObject({ answered: false, said: expect.stringContaining('no answer in 300 ms') })
      expect(await pair().attempt('worker', pair().podUrl('master'), { pod: true }), 'pods are on').toMatchObject({
        answered: true,
      })
      await lease.heal()
      expect(await pair().attempt('worker', pair().hostUrl('master'))).toMatchObject({ answered: true })
      expect(await pair().residue()).toEqual([])
    })

    test.each(['drop', 'reject', 'reset'] as const)('of pods only, by one port, one way: %s', async (verdict) => {
      const options = { network: 'pods', protocol: 'tcp', port: agnhostPorts.tcp, verdict } as const
      const lease = await pair().faults.partition(pair().wayThere, options)
      const cutOff = await pair().attempt('worker', pair().podUrl('master'), { pod: true, timeoutMs: 300 })
      const said = { drop: /no answer/, reject: /EHOSTUNREACH|no answer/, reset: /ECONNREFUSED|ECONNRESET/ }[verdict]
      expect(cutOff).toMatchObject({ answered: false, said: expect.stringMatching(said) })
      expect(await pair().attempt('worker', pair().hostUrl('master'))).toMatchObject({ answered: true })
      await lease.heal()
      expect(await pair().attempt('worker', pair().podUrl('master'), { pod: true })).toMatchObject({ answered: true })
      expect(await pair().residue()).toEqual([])
    })
  })
}
