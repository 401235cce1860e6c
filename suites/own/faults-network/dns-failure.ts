import { describe, expect, test } from 'vitest'
import { serviceNetwork } from '../../../harness/cluster/machine-spec.ts'
import type { PodPair } from './pod-pair.ts'

export function dnsFailureTests(pair: () => PodPair): void {
  describe('dns-failure', () => {
    const resolved = (place: 'worker' | 'master') =>
      pair().machine(place).callInPod(pair().pod(place), 'resolve', {
        server: serviceNetwork.dns,
        name: 'kubernetes.default.svc.cluster.local',
        timeoutMs: 1_000,
      })
    const found = { addresses: [serviceNetwork.apiServer] }

    test.each([
      ['silent', /ETIMEOUT/],
      ['refused', /ECONNREFUSED/],
    ] as const)('%s for the pods of one machine only', async (how, said) => {
      expect(await resolved('worker')).toEqual(found)
      const lease = await pair().faults.dnsFailure([pair().machine('worker')], { how })
      await expect(resolved('worker')).rejects.toThrow(said)
      expect(await resolved('master')).toEqual(found)
      await lease.heal()
      expect(await resolved('worker')).toEqual(found)
      expect(await pair().residue()).toEqual([])
    })
  })
}
