import { expect, test } from 'vitest'
import { eventually } from '../../../../harness/common/eventually.ts'
import type { PodPair } from './pod-pair.ts'

/* The next agent has only the files of the killed one. Runs last: the pods' agents end with the killed one. */
export function agentKilledTests(pair: () => PodPair): void {
  test('the next agent reverts packet faults and rule changes of a killed one', async () => {
    const worker = pair().machine('worker')
    const rules = async () =>
      (await pair().shell(worker, 'nft -s list table ip kube-proxy || iptables-save')).split('\n')
    const before = await rules()
    // The intents of the living harness remain.
    const inMachines = async () => (await pair().residueCheck.differences()).filter(({ where }) => where !== 'cluster')
    const { faults, wayThere } = pair()
    const activeFaults = [
      await faults.partition(wayThere, { network: 'pods', port: 9, verdict: 'reject' }),
      await faults.impair(wayThere, { network: 'cluster', loss: 5, port: 9, means: 'queue' }),
      await faults.flushProxy(worker, { what: 'tables' }),
    ]
    expect(await inMachines()).not.toEqual([])
    const { pid } = await worker.call('hello', {})
    await worker.call('exec', { argv: ['kill', '-KILL', String(pid)], timeoutMs: 2_000 }).catch(() => undefined)
    await eventually('the next agent to revert the faults', async () => (await inMachines()).length === 0, {
      timeoutMs: 10_000,
    })
    expect(await rules()).toEqual(before)
    for (const active of activeFaults) await active.heal()
    const ends = pair().records.flatMap((record) =>
      record.kind === 'fault' && record.edge === 'healed' ? [record] : [],
    )
    for (const { fault, evidence } of ends.slice(-activeFaults.length))
      expect(evidence.at(-1)?.facts, fault).toEqual({ early: true })
  })
}
