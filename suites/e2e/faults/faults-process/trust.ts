import { expect, test } from 'vitest'
import { eventually, consistently } from '../../../../harness/common/eventually.ts'
import {
  after,
  forDuration,
  repeat,
  sequence,
  staggered,
  together,
} from '../../../../harness/faults/engine/composition.ts'
import { targetsOf } from '../../../../harness/faults/targets/target-selector.ts'
import { makeFaults } from '../../../../harness/faults/catalogue/make-faults.ts'
import type { BrokenCluster } from './broken-cluster.ts'

const first = <T>(from: readonly T[]): T => {
  const [one] = from
  if (one === undefined) throw new Error('the list is empty')
  return one
}

/** Refusals, plans of several faults, and a killed agent. */
export function trustTests(it: () => BrokenCluster): void {
  const scheduler = () => ({ machine: it().machine('control-plane1'), component: 'kube-scheduler' }) as const

  test('refuses a fault on an unsuitable target and changes nothing', async () => {
    const worker = it().machine('worker1')
    const recorded = await it().breaking(async (faults) => {
      const { create } = faults
      const impossible = [
        create.kill({ machine: worker, component: 'etcd' }),
        create.killContainer({ machine: worker, namespace: 'kube-system', pod: 'absent', container: 'coredns' }),
        create.unplugMachine(worker, { network: 'peers' }),
      ]
      for (const fault of impossible)
        await expect(faults.inject(fault)).rejects.toMatchObject({ code: 'HF_FAULT_UNAVAILABLE', exitCode: 64 })
      await expect(faults.inject(create.pause(scheduler()), { ttlMs: 0 })).rejects.toMatchObject({ code: 'HF_BAD_TTL' })
      const clash = together(create.freezeMachine(worker), create.kill({ machine: worker, component: 'kubelet' }))
      await expect(faults.carryOut(clash)).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
      await using _ = await faults.inject(create.killMachine(worker))
      await expect(faults.freezeMachine(worker)).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
    })
    expect(recorded.map((record) => (record.kind === 'fault' ? record.edge : record.kind))).toEqual([
      'intent',
      'injected',
      'healed',
    ])
  })

  test('target selectors: by role, by state, and refused without a match', async () => {
    const { cluster } = it().own
    const component = async (words: string): Promise<string[]> =>
      (await targetsOf('component', words, cluster, first)).map(
        ({ machine, component: name }) => `${name}@${machine.name}`,
      )
    const machine = async (words: string): Promise<string[]> =>
      (await targetsOf('machine', words, cluster, first)).map(({ name }) => name)
    expect(await component('kube-scheduler@leader')).toEqual(['kube-scheduler@control-plane1'])
    expect(await component('kubelet@all')).toEqual(['kubelet@control-plane1', 'kubelet@worker1'])
    expect(await machine('etcd@leader')).toEqual(['etcd1'])
    expect(await machine('zone:zone-1')).toEqual(['etcd1', 'control-plane1', 'worker1'])
    // The previous test cut the power of a machine that may run coredns.
    const [pod] = await eventually(
      'coredns to run',
      () => targetsOf('container', 'kube-system/coredns/coredns', cluster, first),
      { timeoutMs: 120_000, signal: it().signal },
    )
    expect(await machine(`hosting:kube-system/${pod?.pod}`)).toEqual([pod?.machine.name])
    for (const words of ['kubelet@nowhere', 'kubelt@all', 'etcd@minority', 'kubelet@leader', 'etcd@follower'])
      await expect(component(words), words).rejects.toMatchObject({ exitCode: 64 })
    for (const words of ['absent', 'zone:zone-9', 'planet:mars'])
      await expect(machine(words), words).rejects.toMatchObject({ exitCode: 64 })
    const context = { cluster, signal: it().signal, emit: () => undefined }
    await expect(
      makeFaults({ fault: 'slow', target: 'kubelet@all', options: ['percent=0'] }, context, first),
    ).rejects.toMatchObject({ code: 'HF_BAD_OPTION' })
  })

  test('a plan: injects the second fault only after the first, and heals all', async () => {
    const state = async (component: 'kube-scheduler' | 'kube-controller-manager'): Promise<string | undefined> =>
      (await it().process('control-plane1', component))?.state[0]
    const manager = { ...scheduler(), component: 'kube-controller-manager' } as const
    const proxy = { machine: it().machine('worker1'), component: 'kube-proxy' } as const
    const stopped = {
      what: 'ps to show the stopped scheduler',
      seen: async () => (await state('kube-scheduler')) === 'T',
      withinMs: 10_000,
    }
    const recorded = await it().breaking(async (faults) => {
      const { pause } = faults.create
      const second = after(stopped, together(pause(manager), staggered(20, repeat(2, forDuration(50, pause(proxy))))))
      await using _ = await faults.carryOut(sequence(pause(scheduler()), second))
      expect([await state('kube-scheduler'), await state('kube-controller-manager')]).toEqual(['T', 'T'])
      expect((await it().process('worker1', 'kube-proxy'))?.state[0]).not.toBe('T')
    })
    const once = ['intent kube-proxy', 'injected kube-proxy', 'healed kube-proxy']
    const order = recorded.flatMap((record) =>
      record.kind === 'fault' ? [`${record.edge} ${record.target.component}`] : [],
    )
    expect(order.slice(0, 2)).toEqual(['intent kube-scheduler', 'injected kube-scheduler'])
    expect(order.filter((edge) => edge.endsWith('kube-proxy'))).toEqual([...once, ...once])
    expect(order.slice(2, -2)).toEqual(expect.arrayContaining(['injected kube-controller-manager']))
  })

  test('a component that is killed while its supervisor is stopped stays down', async () => {
    await it().becomes('the scheduler to have run for two seconds', async () => {
      const age = await it().shell('control-plane1', `ps -o etimes= --ppid "$(pgrep -fx 'runsv kube-scheduler')"`)
      return Number(age) >= 2
    })
    await it().breaking(async (faults) => {
      await it().shell('control-plane1', `pkill -STOP -fx 'runsv kube-scheduler'`)
      const killing = faults.kill(scheduler())
      // The agent writes the fault to the machine's disk before it acts.
      await it().becomes(
        'the fault on disk',
        async () => (await it().shell('control-plane1', 'ls /opt/holdfast/applied-faults')) !== '',
      )
      await it().shell('control-plane1', `pkill -CONT -fx 'runsv kube-scheduler'`)
      await using _ = await killing
      await consistently(
        'the scheduler to be down',
        async () => (await it().process('control-plane1', 'kube-scheduler')) === undefined,
        {
          forMs: 3_000,
          intervalMs: 200,
        },
      )
    })
  })

  test('the next agent reverts the fault of a killed one, and the record states that the fault ended early', async () => {
    const recorded = await it().breaking(async (faults) => {
      await using _ = await faults.pause(scheduler())
      expect((await it().process('control-plane1', 'kube-scheduler'))?.state).toMatch(/^T/)
      await it().shell('control-plane1', `pkill -KILL -f '^/opt/holdfast/node /opt/holdfast/agent.mjs'`)
      await it().becomes('the scheduler to run again', async () => {
        const seen = await it().process('control-plane1', 'kube-scheduler')
        return seen !== undefined && !seen.state.startsWith('T')
      })
    })
    const healed = recorded.find((record) => record.kind === 'fault' && record.edge === 'healed')
    expect(healed).toMatchObject({
      evidence: expect.arrayContaining([expect.objectContaining({ facts: { early: true } })]),
    })
  })
}
