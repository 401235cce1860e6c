import { expect, test } from 'vitest'
import { isolated } from '../../../harness/faults/grudges.ts'
import type { PodPair } from './pod-pair.ts'

export function refusedTests(pair: () => PodPair): void {
  test('what a fault can not hit is refused before anything is touched', async () => {
    const [etcd] = pair().own.cluster.etcd
    if (!etcd) throw new Error('no etcd')
    const unavailable = { code: 'HF_FAULT_UNAVAILABLE' }
    const edges = pair().told.length
    await expect(pair().faults.dnsFailure([etcd])).rejects.toMatchObject(unavailable)
    await expect(
      pair().faults.partition(isolated(etcd, [pair().machine('worker')]), { network: 'pods' }),
    ).rejects.toMatchObject(unavailable)
    await expect(pair().faults.partition([])).rejects.toMatchObject(unavailable)
    await expect(pair().faults.impair(isolated(etcd, [pair().machine('worker')]), {})).rejects.toMatchObject({
      code: 'HF_BAD_FAULT',
    })
    expect(pair().told.length).toBe(edges)
    expect(await pair().residue()).toEqual([])
  })
}
