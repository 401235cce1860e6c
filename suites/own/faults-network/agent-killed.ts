import { expect, test } from 'vitest'
import { eventually } from '../../../harness/eventually.ts'
import type { PodPair } from './pod-pair.ts'

/* The next agent knows nothing but what the killed one has left on the machine's disk. Comes last: the pods' agents die with it. */
export function agentKilledTests(pair: () => PodPair): void {
  test('what a killed agent has done to packets and rules is undone by the next one', async () => {
    const worker = pair().machine('worker')
    const rules = async () =>
      (await pair().shell(worker, 'nft -s list table ip kube-proxy || iptables-save')).split('\n')
    const before = await rules()
    // Of the harness, which lives, the intents are still there.
    const inMachines = async () => (await pair().audit.differences()).filter(({ where }) => where !== 'cluster')
    const { faults, wayThere } = pair()
    const leases = [
      await faults.partition(wayThere, { network: 'pods', port: 9, verdict: 'reject' }),
      await faults.impair(wayThere, { network: 'cluster', loss: 5, port: 9, means: 'queue' }),
      await faults.flushProxy(worker, { what: 'tables' }),
    ]
    expect(await inMachines()).not.toEqual([])
    const { pid } = await worker.call('hello', {})
    await worker.call('exec', { argv: ['kill', '-KILL', String(pid)], timeoutMs: 2_000 }).catch(() => undefined)
    await eventually('the next agent to have undone it', async () => (await inMachines()).length === 0, {
      withinMs: 10_000,
    })
    expect(await rules()).toEqual(before)
    for (const lease of leases) await lease.heal()
    const ends = pair().told.flatMap((record) => (record.kind === 'fault' && record.edge === 'healed' ? [record] : []))
    for (const { fault, evidence } of ends.slice(-leases.length))
      expect(evidence.at(-1)?.facts, fault).toEqual({ early: true })
  })
}
