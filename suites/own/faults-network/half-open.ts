import { describe, expect, test } from 'vitest'
import { agnhostPorts } from '../../../harness/cluster/agnhost.ts'
import type { PodPair } from './pod-pair.ts'

export function halfOpenTests(pair: () => PodPair): void {
  describe('half-open', () => {
    test('a connection opens and nothing is heard on it', async () => {
      const cut = pair().wayThere
      const lease = await pair().faults.halfOpen(cut, { network: 'pods', port: agnhostPorts.tcp })
      const to = `TCP:${pair().pod('master').address}:${agnhostPorts.tcp}`
      expect(await pair().inPod('worker', `socat -u OPEN:/dev/null ${to},connect-timeout=2 && echo open`)).toBe(
        'open\n',
      )
      expect((await pair().drawn('tcp', 1)).failed).toBe(1)
      await lease.heal()
      expect((await pair().drawn('tcp', 1)).failed).toBe(0)
      expect(await pair().residue()).toEqual([])
    })

    test('where nobody listens nothing is proven, and nothing stays', async () => {
      const cut = pair().wayThere
      await expect(pair().faults.halfOpen(cut, { network: 'pods', port: 4 })).rejects.toMatchObject({
        code: 'HF_FAULT_UNPROVEN',
      })
      expect(pair().told.at(-1)).toMatchObject({ kind: 'fault', edge: 'unproven' })
      expect(await pair().residue()).toEqual([])
    })
  })
}
