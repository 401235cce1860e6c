import { errorMessage } from '../../common/error-message.mjs'
import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'
import type { ComponentProcess } from '../../agent/processes/component-processes.ts'
import { type Component, componentsOf, componentsWithin, isWhole } from '../components.ts'
import type { Machine } from '../machine/machine.ts'

type Processes = RecordOf<'processes'>
type Moment = Processes['moment']

/** Returns the processes of every component of a machine, and of each component that should not run there but does. Never rejects. */
export async function processRecords(machine: Machine, moment: Moment): Promise<Processes[]> {
  const at = now()
  try {
    // A machine that is off has no processes: that is an observation, not a failed read.
    if (await machine.off()) return expectedOf(machine).map((one) => ({ ...one, at, moment, instances: [] }))
    if (!(await machine.running())) throw new Error(`${machine.name} is frozen`)
    const [found, supervised] = await Promise.all([machine.call('processes', {}), supervisedPids(machine)])
    return recordsOf(machine, found.processes, supervised).map((one) => ({ ...one, at: now(), moment }))
  } catch (error) {
    const reason = errorMessage(error)
    return expectedOf(machine).map((one) => ({ ...one, at, moment, instances: [], error: reason }))
  }
}

type Unread = Omit<Processes, 'at' | 'moment' | 'instances'>

function expectedOf({ name, spec }: Machine): Unread[] {
  const whole = spec.components.find(isWhole)
  const base = { kind: 'processes', machine: name, expected: true } as const
  return [
    ...componentsOf(spec).map((component) => ({ ...base, component })),
    ...(whole ? componentsWithin(spec).map((component) => ({ ...base, component, within: whole })) : []),
  ]
}

async function supervisedPids(machine: Machine): Promise<ReadonlyMap<Component, number>> {
  const states = await Promise.all(
    componentsOf(machine.spec).map(async (component) => {
      const { pid } = await machine.call('state', { component })
      return [component, pid] as const
    }),
  )
  return new Map(states)
}

function recordsOf(
  machine: Machine,
  found: readonly ComponentProcess[],
  supervised: ReadonlyMap<Component, number>,
): Omit<Processes, 'at' | 'moment'>[] {
  const instances = (component: string): Processes['instances'] =>
    found
      .filter((one) => one.component === component)
      .map(({ component: own, pid, startedAt }) => ({ pid, startedAt, supervised: supervised.get(own) === pid }))
  const expected = expectedOf(machine)
  const foreign = [...new Set(found.map(({ component }) => component))].filter(
    (component) => !expected.some((one) => one.component === component),
  )
  return [
    ...expected.map((one) => ({ ...one, instances: instances(one.within ?? one.component) })),
    ...foreign.map((component) => ({
      kind: 'processes' as const,
      machine: machine.name,
      component,
      expected: false,
      instances: instances(component),
    })),
  ]
}
