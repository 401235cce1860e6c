import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
import { agnhostPod, agnhostPorts } from '../../../harness/cluster/agnhost.ts'
import type { Faults } from '../../../harness/faults/faults.ts'
import type { Lease } from '../../../harness/faults/fault.ts'
import type { Machine } from '../../../harness/cluster/machine.ts'
import type { BrokenCluster } from './broken-cluster.ts'

const run = promisify(execFile)

/** What the engine's own command line says of a machine while it is broken so. */
const kinds: readonly (readonly [string, string, (faults: Faults, machine: Machine) => Promise<Lease>])[] = [
  ['kill-machine', 'exited', (faults, machine) => faults.killMachine(machine)],
  ['power-off', 'exited', (faults, machine) => faults.powerOff(machine)],
  ['freeze-machine', 'paused', (faults, machine) => faults.freezeMachine(machine)],
]

export function machineTests(it: () => BrokenCluster): void {
  const [victim, neighbour] = ['worker1', 'control-plane1'] as const
  const engineSays = async (what: string): Promise<string> => {
    const { stdout } = await run('docker', ['inspect', '--format', what, it().machine(victim).containerId])
    return stdout.trim()
  }
  const kubectl = (words: string): Promise<string> =>
    it().shell(neighbour, `kubectl --kubeconfig=/etc/kubernetes/admin.conf ${words}`)
  const back = async (): Promise<void> => {
    await it().becomes('the neighbour to be answered', () => it().answers(neighbour, victim))
    await it().becomes('the Node to be Ready', () => it().own.cluster.nodeReady(it().machine(victim)))
  }

  test.each(kinds)(
    '%s: the engine says %s, a neighbour gets no answer, and both are as before',
    async (_, says, inject) => {
      const address = it().machine(victim).spec.address
      await it().breaking(async (faults) => {
        expect(await it().answers(neighbour, victim)).toBe(true)
        {
          await using _ = await inject(faults, it().machine(victim))
          expect(await engineSays('{{.State.Status}}')).toBe(says)
          expect(await it().answers(neighbour, victim)).toBe(false)
        }
        await back()
        expect(await engineSays('{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}')).toBe(address)
      })
    },
  )

  test('unplug-machine: a neighbour gets no answer; then name, address, hardware address and routes are as before', async () => {
    const cable = (): Promise<string> =>
      it().shell(
        victim,
        'cat /sys/class/net/eth0/address; ip -4 -o addr show dev eth0; ip -4 route show dev eth0 | sort',
      )
    const before = await cable()
    expect(before).toContain(it().machine(victim).spec.address)
    // Twice: what is given back can be pulled again.
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
  })

  test('add-worker: kubectl tells of the Node, and a pod on it answers a neighbour; then there is neither', async () => {
    const joins = 'worker2'
    const nodes = (): Promise<string> => kubectl('get nodes -o name')
    const containers = async (): Promise<string> =>
      (await run('docker', ['ps', '-a', '--format', '{{.Names}}', '--filter', `name=${joins}$`])).stdout
    const ours = `holdfast-${it().own.cluster.run}-${joins}`
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
      await it().becomes('a pod to be taken', () => kubectl(`create -f - <<'END'\n${pod}\nEND`).then(() => true))
      const answered = async (): Promise<boolean> => {
        const address = await kubectl("get pod guest -o jsonpath='{.status.podIP}'")
        const url = `http://${address}:${agnhostPorts.tcp}/hostname`
        const { body } = await it().machine(neighbour).call('http', { url, method: 'GET', timeoutMs: 1_000 })
        return body === 'guest'
      }
      await it().becomes('the pod to answer a neighbour', answered)
      expect(await containers()).toContain(ours)
    })
    expect(await nodes()).not.toContain(joins)
    expect(await kubectl('get pods --all-namespaces -o wide')).not.toContain(joins)
    expect(await containers()).not.toContain(ours)
  })

  test('add-worker is refused where a Node of that name is there already', async () => {
    await it().breaking(async (faults) => {
      await kubectl('create -f - <<END\n{"apiVersion":"v1","kind":"Node","metadata":{"name":"worker2"}}\nEND')
      try {
        await expect(faults.addWorker()).rejects.toMatchObject({ code: 'HF_FAULT_UNAVAILABLE', exitCode: 64 })
      } finally {
        await kubectl('delete node worker2')
      }
    })
  })

  test('restart-machine: it was up for less long than before', async () => {
    await it().breaking(async (faults) => {
      const started = await engineSays('{{.State.StartedAt}}')
      await (await faults.restartMachine(it().machine(victim))).heal()
      expect(await engineSays('{{.State.StartedAt}}')).not.toBe(started)
      await back()
    })
  })
}
