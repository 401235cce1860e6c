import { expect, test } from 'vitest'
import { ownCluster } from '../../../harness/vitest/own-cluster.ts'

/* The error of a failed boot names the component and its last log lines. */

test('names a component that fails to start, with its last log lines', async ({ signal }) => {
  // A mode that kube-proxy has removed.
  const proxyMode = 'userspace' as 'iptables'
  const refused = ownCluster('single', { signal, proxyMode, withinMs: 25_000 })
  await expect(refused).rejects.toMatchObject({
    code: 'HF_BOOT',
    message: expect.stringMatching(/kube-proxy on control-plane1 does not stay up[^]*userspace/),
  })
})
