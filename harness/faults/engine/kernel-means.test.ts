import { expect, test } from 'vitest'
import { faultKindNamed } from '../catalogue/make-faults.ts'
import { kernelLacks } from './kernel-means.ts'

const kernel = (config: string) => ({ config, modules: '', loaded: [] })
const poor = kernel('# CONFIG_NET_SCH_NETEM is not set\n# CONFIG_NETFILTER_XT_TARGET_NFQUEUE is not set\n')
const noNetem = kernel('# CONFIG_NET_SCH_NETEM is not set\nCONFIG_NETFILTER_XT_TARGET_NFQUEUE=y\n')

test('one of several alternatives is enough', () => {
  expect(kernelLacks(['netem', 'NFQUEUE'], poor)).toBe('its kernel has neither netem nor NFQUEUE')
  expect(kernelLacks(['netem', 'NFQUEUE'], noNetem)).toBeUndefined()
  expect(kernelLacks(['netem'], noNetem)).toBe('its kernel has no netem')
})

test('a kernel without information counts as having the feature', () => {
  expect(kernelLacks(['nf_tables'], kernel(''))).toBeUndefined()
})

test.each(['partition', 'impair', 'half-open', 'dns-failure', 'stale-conntrack', 'freeze-view', 'stall-disk'])(
  '%s checks the kernel of this host',
  async (name) => {
    expect((await faultKindNamed(name).lacking?.()) ?? 'its kernel has no need').toMatch(/^its kernel has n/)
  },
)
