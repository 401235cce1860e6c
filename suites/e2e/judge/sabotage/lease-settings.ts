import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { liveConfig } from '../../../../harness/cluster/observe/live-config.ts'
import type { ScenarioContext } from '../../../../harness/run/scenario.ts'
import { byHand } from '../never-recovers/by-hand.ts'
import type { Sabotage } from './sabotage.ts'

const flag = '--leader-elect-lease-duration'

/** Every scheduler has a Lease duration of an hour, which would allow a takeover of the same length. */
export const endlessLease: Sabotage = {
  name: 'endless-lease',
  expected: [{ contract: 'SYS-03', code: 'BOUND_OUT_OF_RANGE' }],
  use: readSettings,
  breaks: (cluster) => withLease(cluster.controlPlane, '1h'),
}

/** One of two schedulers has a longer Lease duration. */
export const unlikeLease: Sabotage = {
  name: 'unlike-lease',
  topology: 'ha',
  expected: [{ contract: 'SYS-03', code: 'BOUNDS_DIFFER' }],
  use: readSettings,
  breaks: (cluster) => withLease(cluster.controlPlane.slice(0, 1), '20s'),
}

/** Every scheduler restarts with a longer Lease duration while the scenario runs. */
export const changedLease: Sabotage = {
  name: 'changed-lease',
  expected: [{ contract: 'SYS-02', code: 'FLAG_CHANGED' }],
  use: readSettings,
  breaks: (cluster) => withLease(cluster.controlPlane, '20s'),
}

async function readSettings({ cluster, record }: ScenarioContext, sabotage: () => Promise<void>): Promise<void> {
  await sabotage()
  for (const config of await liveConfig(cluster)) record(config)
}

async function withLease(machines: readonly Machine[], value: string): Promise<AsyncDisposable> {
  const run = '/opt/holdfast/sv/kube-scheduler/run'
  const restart = 'pid=$(pidof kube-scheduler); kill -KILL $pid; while kill -0 $pid 2>/dev/null; do sleep 0.1; done'
  for (const machine of machines) {
    await byHand(
      machine,
      `cp ${run} ${run}.sound && sed -i 's/${flag}=[0-9a-z]*/${flag}=${value}/' ${run} && ${restart}`,
    )
    await answering(machine)
  }
  return {
    [Symbol.asyncDispose]: async () => {
      for (const machine of machines) {
        await byHand(machine, `mv ${run}.sound ${run} && ${restart}`)
        await answering(machine)
      }
    },
  }
}

/** Waits until the scheduler answers: then its settings are readable. */
function answering(machine: Machine): Promise<void> {
  return byHand(machine, 'timeout 60 sh -c "until curl -skf https://127.0.0.1:10259/healthz; do sleep 0.2; done"')
}
