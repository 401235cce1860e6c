import { describe, expect, test } from 'vitest'
import { ruleBackendOf } from '../kube-proxy/kube-proxy.ts'
import { nft } from '../kernel/nft.ts'
import { removeTable } from '../kernel/packet-tables.ts'
import { stopFreezing } from '../kernel/freeze-watchdog.ts'
import { tools } from '../testing/tools.ts'
import { shape } from './network/shape.ts'
import { staleConntrack } from './kube-proxy/stale-conntrack.ts'
import { unplug } from './network/unplug.ts'

/* A program that fails proves nothing: neither a fault's effect nor its end. */

const broken = 'echo "cannot open shared object file: No such file or directory" >&2; exit 127'

describe('stale-conntrack', () => {
  const flow = {
    client: { address: '10.244.1.2', port: 9_500 },
    service: { address: '10.96.0.7', port: 81 },
    endpoint: { address: '10.244.9.9', port: 8_081 },
    forSeconds: 60,
  }

  test('an entry that is not listed is gone', async () => {
    using _ = tools({ conntrack: 'true' })
    expect(await staleConntrack.undo(flow)).toEqual({ removed: false, there: false })
  })

  test('an unreadable list does not prove that the entry is gone', async () => {
    using _ = tools({ conntrack: broken })
    await expect(staleConntrack.undo(flow)).rejects.toThrow(/conntrack/)
    await expect(staleConntrack.evidence?.(flow)).rejects.toThrow(/conntrack/)
  })
})

describe('flush-proxy', () => {
  test('a missing table has no rules', async () => {
    using _ = tools({ nft: 'echo "Error: No such file or directory" >&2; exit 1' })
    expect(await ruleBackendOf('nftables').left()).toBe(0)
  })

  test.for([
    ['a broken nft', { nft: broken }, false],
    ['no nft at all', {}, true],
  ] as const)('%s does not prove that no rule is left', async ([, scripts, alone]) => {
    using _ = tools(scripts, { alone })
    await expect(ruleBackendOf('nftables').left()).rejects.toThrow(/nft/)
  })
})

test('a failed start of nft does not prove that a table is gone', async () => {
  using _ = tools({ nft: broken })
  await expect(removeTable('holdfast_cut_1')).rejects.toThrow(/nft/)
  await expect(nft('list tables')).rejects.toThrow(/nft/)
})

describe('freeze-disk', () => {
  test('a file system that is not frozen or does not exist counts as thawed', async () => {
    using _ = tools({ fsfreeze: 'echo "fsfreeze: $2: unfreeze failed: Invalid argument" >&2; exit 1' })
    expect(await stopFreezing('/run/nowhere')).toBe(false)
    using __ = tools({ fsfreeze: 'echo "fsfreeze: cannot open $2: No such file or directory" >&2; exit 1' })
    expect(await stopFreezing('/run/nowhere')).toBe(false)
  })

  test('a file system that can not be thawed is an error', async () => {
    using _ = tools({ fsfreeze: broken })
    await expect(stopFreezing('/run/nowhere')).rejects.toThrow(/fsfreeze/)
  })
})

test('a kernel impairment is active only while its qdisc exists', async () => {
  using _ = tools({ ip: `echo '[{"dev":"eth0"}]'`, tc: `echo '[]'` })
  const params = { table: 'holdfast_x', rules: [], impairment: {}, between: { from: '10.0.0.1', to: '10.0.0.2' } }
  expect(await shape.evidence?.(params)).toMatchObject({ held: false, packets: 0 })
})

test('an interface that is already down can not be unplugged', async () => {
  const link = { ifname: 'eth0', flags: ['BROADCAST'], addr_info: [{ local: '10.0.0.1' }] }
  using _ = tools({ ip: `case "$1" in -j) echo '${JSON.stringify([link])}';; esac` })
  await expect(unplug.do({ name: 'holdfast_x', addresses: ['10.0.0.1'] })).rejects.toThrow(/already down/)
})
