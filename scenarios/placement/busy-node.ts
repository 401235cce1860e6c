import { nothing, onOneOf, type PlacementContext } from './placement-context.ts'

const pods = 5

/** One Node's processors are busy and few are requested; on the other one they are idle and many are requested. */
export async function placeOnBusyNode(context: PlacementContext): Promise<void> {
  const { cluster, empty, faults, traffic, step, pod, untilPlaced, untilRunning } = context
  const filled = empty.slice(0, 2)
  const [busy, reserved] = cluster.workers.filter(
    (machine) => machine !== traffic.clientHost && !filled.includes(machine),
  )
  if (!busy || !reserved) throw new Error('the scenario needs four workers')
  step(`reserve processors of ${reserved.name}, use those of ${busy.name}, and place ${pods} pods`)
  await pod('reserving', 'reserving', {
    requests: { cpu: '1500m', memory: '8Gi' },
    spec: { affinity: onOneOf([reserved]) },
  })
  await untilPlaced('reserving', 1)
  await using _ = await faults.hogCpu(busy, { cores: 1 })
  const options = { requests: nothing, spec: { affinity: onOneOf([busy, reserved]) } }
  for (let n = 1; n <= pods; n++) await pod(`light-${n}`, 'light', options)
  await untilRunning('light', pods)
}
