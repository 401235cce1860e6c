import { expect, test } from 'vitest'
import { ownCluster } from '../../harness/vitest/own-cluster.ts'

/* A cluster that does not come up says which component is to blame, and with which words it went down. */

test('a component that can not start is named, with its last lines', async ({ signal }) => {
  // A mode that kube-proxy had once and refuses now.
  const proxyMode = 'userspace' as 'iptables'
  const refused = ownCluster('single', { signal, proxyMode, withinMs: 25_000 })
  await expect(refused).rejects.toMatchObject({
    code: 'HF_BOOT',
    message: expect.stringMatching(/kube-proxy on control-plane1 does not stay up[^]*userspace/),
  })
})
