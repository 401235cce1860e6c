import { expect } from 'vitest'
import { agnhostPorts } from '../../../../harness/cluster/agnhost.ts'
import { isolated } from '../../../../harness/faults/network/grudges.ts'
import { testEffect, refused } from '../proving.ts'
import type { PodPair } from './pod-pair.ts'

export function partitionTests(pair: () => PodPair): void {
  testEffect('partition', 'silent between machines: no answer and no error', pair, async () => {
    expect(await pair().attempt('worker', pair().hostUrl('master'))).toMatchObject({ answered: true })
    const active = await pair().faults.partition(isolated(pair().machine('worker'), [pair().machine('master')]), {
      network: 'cluster',
    })
    const cutOff = await pair().attempt('worker', pair().hostUrl('master'), { timeoutMs: 300 })
    expect(cutOff).toMatchObject({ answered: false, detail: expect.stringContaining('no answer in 300 ms') as string })
    expect(await pair().attempt('worker', pair().podUrl('master'), { pod: true }), 'pods are connected').toMatchObject({
      answered: true,
    })
    await active.heal()
    expect(await pair().attempt('worker', pair().hostUrl('master'))).toMatchObject({ answered: true })
  })

  for (const verdict of ['drop', 'reject', 'reset'] as const) {
    testEffect('partition', `of pods only, by one port, in one direction: ${verdict}`, pair, async () => {
      const options = { network: 'pods', protocol: 'tcp', port: agnhostPorts.tcp, verdict } as const
      const active = await pair().faults.partition(pair().wayThere, options)
      const cutOff = await pair().attempt('worker', pair().podUrl('master'), { pod: true, timeoutMs: 300 })
      const error = { drop: /no answer/, reject: /EHOSTUNREACH|no answer/, reset: /ECONNREFUSED|ECONNRESET/ }[verdict]
      expect(cutOff).toMatchObject({ answered: false, detail: expect.stringMatching(error) as string })
      expect((await pair().drawn('udp', 1)).failed, 'another protocol').toBe(0)
      // The pod itself refuses a connection to a closed port: packets pass both ways.
      const other = await pair().attempt('worker', `http://${pair().pod('master').address}:4/`, { pod: true })
      expect(other.detail).toMatch(/ECONNREFUSED/)
      expect(await pair().attempt('worker', pair().hostUrl('master'))).toMatchObject({ answered: true })
      await active.heal()
      expect(await pair().attempt('worker', pair().podUrl('master'), { pod: true })).toMatchObject({ answered: true })
    })
  }

  testEffect(['partition', 'freeze-machine'], 'a frozen machine keeps its rules until it is thawed', pair, async () => {
    const [worker, master] = [pair().machine('worker'), pair().machine('master')]
    const active = await pair().faults.partition(isolated(worker, [master]), { network: 'cluster' })
    const frozen = await pair().faults.freezeMachine(worker)
    await expect(worker.call('hello', {}, { timeoutMs: 500 })).rejects.toMatchObject({ code: 'HF_AGENT_SILENT' })
    await expect(active.heal()).rejects.toThrow(/frozen/)
    await frozen.heal()
    expect(await pair().attempt('worker', pair().hostUrl('master'), { timeoutMs: 300 })).toMatchObject({
      answered: false,
    })
    await active.heal()
    expect(await pair().attempt('worker', pair().hostUrl('master'))).toMatchObject({ answered: true })
  })

  refused(
    ['partition', 'impair', 'half-open'],
    'a machine without an address in the network, or no machine',
    pair,
    async () => {
      const [etcd] = pair().own.cluster.etcd
      if (!etcd) throw new Error('no etcd')
      const cuts = isolated(etcd, [pair().machine('worker')])
      const options = { network: 'pods' } as const
      const { faults } = pair()
      return [
        () => faults.partition(cuts, options),
        () => faults.partition([]),
        () => faults.impair(cuts, { ...options, loss: 1 }),
        () => faults.impair([], { loss: 1 }),
        () => faults.halfOpen(cuts, options),
        // Without a listener no connection opens, and there is no evidence.
        () => faults.halfOpen(pair().wayThere, { network: 'pods', port: 4 }),
      ]
    },
  )
}
