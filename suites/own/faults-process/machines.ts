import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from 'vitest'
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

  test('unplug-machine: a neighbour gets no answer, then the same address answers; a restart names the interface as before', async () => {
    const address = it().machine(victim).spec.address
    await it().breaking(async (faults) => {
      expect(await it().answers(neighbour, victim)).toBe(true)
      {
        await using _ = await faults.unplugMachine(it().machine(victim))
        expect(await engineSays('{{.State.Status}} {{len .NetworkSettings.Networks}}')).toBe('running 0')
        expect(await it().answers(neighbour, victim)).toBe(false)
      }
      await back()
      expect(await engineSays('{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}')).toBe(address)
      await (await faults.restartMachine(it().machine(victim))).heal()
      await back()
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
