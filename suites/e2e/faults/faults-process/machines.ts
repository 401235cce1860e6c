import { expect } from 'vitest'
import { $ } from '../../../../harness/host/shell.ts'
import { agnhostPod, agnhostPorts } from '../../../../harness/cluster/agnhost.ts'
import type { Faults } from '../../../../harness/faults/catalogue/faults.ts'
import type { ActiveFault } from '../../../../harness/faults/engine/fault.ts'
import { join, removeMachine } from '../../../../harness/cluster/boot/join.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { switchedOn } from '../../../../harness/faults/machine/machine.ts'
import { together } from '../../../../harness/faults/engine/composition.ts'
import { zone } from '../../../../harness/faults/targets/targets.ts'
import { testEffect, refused } from '../proving.ts'
import type { BrokenCluster } from './broken-cluster.ts'

/** The status that the docker command reports for a machine during each fault. */
const kinds: readonly {
  readonly testEffect: string
  readonly state: string
  readonly inject: (faults: Faults, machine: Machine) => Promise<ActiveFault>
}[] = [
  { testEffect: 'kill-machine', state: 'exited', inject: (faults, machine) => faults.killMachine(machine) },
  { testEffect: 'power-off', state: 'exited', inject: (faults, machine) => faults.powerOff(machine) },
  { testEffect: 'freeze-machine', state: 'paused', inject: (faults, machine) => faults.freezeMachine(machine) },
]

export function machineTests(it: () => BrokenCluster): void {
  const [victim, neighbour] = ['worker1', 'control-plane1'] as const
  const inspectContainer = async (what: string): Promise<string> => {
    const { stdout } = await $`docker inspect --format ${what} ${it().machine(victim).containerId}`
    return stdout.trim()
  }
  const kubectl = (args: string): Promise<string> =>
    it().shell(neighbour, `kubectl --kubeconfig=/etc/kubernetes/admin.conf ${args}`)
  const back = async (): Promise<void> => {
    await it().becomes('the neighbour to be answered', () => it().answers(neighbour, victim))
    await it().becomes('the Node to be Ready', () => it().own.cluster.nodeReady(it().machine(victim)))
  }

  for (const { testEffect: name, state, inject } of kinds) {
    testEffect(name, `the engine reports ${state} and a neighbour gets no answer until healed`, it, async () => {
      const address = it().machine(victim).spec.address
      await it().breaking(async (faults) => {
        expect(await it().answers(neighbour, victim)).toBe(true)
        {
          await using _ = await inject(faults, it().machine(victim))
          expect(await inspectContainer('{{.State.Status}}')).toBe(state)
          expect(await it().answers(neighbour, victim)).toBe(false)
        }
        await back()
        expect(await inspectContainer('{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}')).toBe(address)
      })
    })
  }

  refused(
    ['kill-machine', 'power-off', 'freeze-machine', 'restart-machine', 'lose-machine', 'unplug-machine'],
    'a machine that is off, and one without the network',
    it,
    async () => {
      const machine = it().machine(victim)
      await $`docker kill ${machine.containerId}`
      return [
        () => it().faults.killMachine(machine),
        () => it().faults.powerOff(machine),
        () => it().faults.freezeMachine(machine),
        () => it().faults.restartMachine(machine),
        () => it().faults.loseMachine(machine),
        async () => {
          await switchedOn(machine)
          await back()
          await it().faults.unplugMachine(machine, { network: 'peers' })
        },
      ]
    },
  )

  testEffect(
    'freeze-machine',
    'a whole zone at once: the engine reports all its machines as paused until healed',
    it,
    async () => {
      const machines = zone(it().own.cluster, it().machine(victim).spec.zone)
      expect(machines.length).toBeGreaterThan(1)
      const states = async (): Promise<string[]> => {
        const ids = machines.map(({ containerId }) => containerId)
        const { stdout } = await $`docker inspect --format ${'{{.State.Status}}'} ${ids}`
        return [...new Set(stdout.trim().split('\n'))]
      }
      await it().breaking(async (faults) => {
        {
          await using _ = await faults.carryOut(
            together(...machines.map((machine) => faults.create.freezeMachine(machine))),
          )
          expect(await states()).toEqual(['paused'])
        }
        expect(await states()).toEqual(['running'])
        await it().becomes('a write to succeed', () => it().own.cluster.probeWrite())
        await back()
      })
    },
  )

  testEffect(
    'unplug-machine',
    'a neighbour gets no answer; healing restores name, addresses and routes',
    it,
    async () => {
      const cable = (): Promise<string> =>
        it().shell(
          victim,
          'cat /sys/class/net/eth0/address; ip -4 -o addr show dev eth0; ip -4 route show dev eth0 | sort',
        )
      const before = await cable()
      expect(before).toContain(it().machine(victim).spec.address)
      // Twice: a reconnected machine can be unplugged again.
      for (let time = 1; time <= 2; time++) {
        await it().breaking(async (faults) => {
          expect(await it().answers(neighbour, victim)).toBe(true)
          {
            await using _ = await faults.unplugMachine(it().machine(victim))
            expect(await it().shell(victim, 'cat /sys/class/net/eth0/operstate; ls /sys/class/net')).toMatch(/^down\n/)
            expect(await it().answers(neighbour, victim)).toBe(false)
          }
          expect(await cable()).toBe(before)
          await back()
        })
      }
    },
  )

  testEffect('add-worker', 'kubectl lists the Node and a pod on it answers a neighbour until healed', it, async () => {
    const joins = 'worker2'
    const nodes = (): Promise<string> => kubectl('get nodes -o name')
    const containers = async (): Promise<string> =>
      (await $`docker ps -a --format ${'{{.Names}}'} --filter ${`name=${joins}$`}`).stdout
    const name = `holdfast-${it().own.cluster.run}-${joins}`
    expect(await nodes()).not.toContain(joins)
    await it().breaking(async (faults) => {
      await using _ = await faults.addWorker()
      expect(await nodes()).toContain(`node/${joins}`)
      await expect(faults.addWorker()).rejects.toMatchObject({ code: 'HF_FAULTS_CLASH' })
      const pod = JSON.stringify({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name: 'guest' },
        spec: { ...agnhostPod({ graceSeconds: 0 }), nodeSelector: { 'kubernetes.io/hostname': joins } },
      })
      await it().becomes('the API server to accept a pod', () =>
        kubectl(`create -f - <<'END'\n${pod}\nEND`).then(() => true),
      )
      const answered = async (): Promise<boolean> => {
        const address = await kubectl("get pod guest -o jsonpath='{.status.podIP}'")
        const url = `http://${address}:${agnhostPorts.tcp}/hostname`
        const { body } = await it().machine(neighbour).call('http', { url, method: 'GET', timeoutMs: 1_000 })
        return body === 'guest'
      }
      await it().becomes('the pod to answer a neighbour', answered)
      expect(await containers()).toContain(name)
    })
    expect(await nodes()).not.toContain(joins)
    expect(await kubectl('get pods --all-namespaces -o wide')).not.toContain(joins)
    expect(await containers()).not.toContain(name)
  })

  refused('add-worker', 'a Node with that name exists', it, async () => {
    await kubectl('create -f - <<END\n{"apiVersion":"v1","kind":"Node","metadata":{"name":"worker2"}}\nEND')
    return [
      async () => {
        try {
          await it().faults.addWorker()
        } finally {
          await kubectl('delete node worker2')
        }
      },
    ]
  })

  testEffect('restart-machine', 'the engine reports a new start time', it, async () => {
    await it().breaking(async (faults) => {
      const started = await inspectContainer('{{.State.StartedAt}}')
      await (await faults.restartMachine(it().machine(victim))).heal()
      expect(await inspectContainer('{{.State.StartedAt}}')).not.toBe(started)
      await back()
    })
  })

  testEffect('lose-machine', 'a worker that has joined is off permanently', it, async () => {
    const { spare, run: name } = it().own.cluster
    if (!spare) throw new Error('the cluster has no spare worker')
    const lost = await join(it().own.cluster, spare, () => undefined)
    const answered = (): Promise<boolean> => it().answers(neighbour, lost.name)
    try {
      await it().becomes('the neighbour to be answered', answered)
      const active = await it().faults.loseMachine(lost)
      expect(await answered()).toBe(false)
      await active.heal()
      await it().faults[Symbol.asyncDispose]()
      const { stdout } = await $`docker inspect --format ${'{{.State.Status}}'} ${lost.containerId}`
      expect([stdout.trim(), await answered(), it().faults.dirty]).toEqual(['exited', false, true])
    } finally {
      // Restores the cluster, which had no such worker before.
      await lost.disconnect()
      await removeMachine(name, lost.name)
      it().own.cluster.leftBy(lost)
      await kubectl(`delete node ${lost.name} --ignore-not-found`)
    }
  })
}
