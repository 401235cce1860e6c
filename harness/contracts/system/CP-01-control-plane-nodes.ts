import type { RecordOf } from '../../record/records.ts'
import { defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { InconclusiveError, requireEvidence } from '../../judge/verdict/inconclusive.ts'
import { objects } from '../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { named, span } from '../../judge/recording/cluster-facts.ts'
import { listed } from '../../judge/verdict/format.ts'
import { nodeExcuses, restartExcuses } from './excuses.ts'
import { isExcused, unexplained } from './disruption.ts'

const components = ['kubelet', 'kube-proxy'] as const

const found = findings({
  NODES_COMPLETE: ({ machines }: { readonly machines: readonly string[] }) =>
    `${listed(machines)} run kubelet and kube-proxy and are registered as Nodes.`,
  NOT_RUNNING: ({ machine, component }: { readonly machine: string; readonly component: string }) =>
    `The control-plane machine ${machine} does not run ${component}.`,
  NOT_REGISTERED: ({ machine }: { readonly machine: string }) =>
    `The control-plane machine ${machine} is not registered as a Node.`,
})

/** A control-plane machine, and what was read of its processes as the scenario began. */
interface ControlPlane {
  readonly machine: string
  readonly readings: readonly RecordOf<'processes'>[]
}

export const controlPlaneNodes = defineContract<ControlPlane>({
  id: 'CP-01',
  area: 'control-plane',
  promise: 'Every control-plane machine runs kubelet and kube-proxy and is registered as a Node.',
  reference: 'https://kubernetes.io/docs/concepts/overview/components/',
  stimulus: { needs: 'the processes of a control-plane machine', find: controlPlanes },
  judge(recording, machines) {
    const observed = 'a control-plane machine that is no whole Node'
    for (const { machine, readings } of machines) {
      for (const component of components) {
        const own = readings.filter((one) => one.component === component)
        const down = own.find(
          (one) => one.error === undefined && one.instances.length === 0 && !isExplained(recording, one),
        )
        if (own.length === 0 || down) {
          return found.fail('NOT_RUNNING', { machine, component }, { observed, evidence: down ? [down] : readings })
        }
      }
    }
    for (const { machine, readings } of machines) {
      if (isUnregistered(recording, machine)) {
        return found.fail('NOT_REGISTERED', { machine }, { observed, evidence: readings })
      }
      requireRead(readings)
    }
    const names = machines.map(({ machine }) => machine)
    return found.pass('NODES_COMPLETE', { machines: names }, { observed: 'kubelet, kube-proxy and a Node on each' })
  },
})

function controlPlanes(recording: Recording): ControlPlane[] {
  const read = recording.of('processes')
  if (read.length === 0) return []
  return named(recording, 'control-plane')
    .map((machine) => ({ machine, readings: read.filter((one) => one.machine === machine) }))
    .filter(({ readings }) => readings.length > 0)
}

/** A declared fault may have ended it at that time, or its host. */
function isExplained(recording: Recording, { at, machine, component, within }: RecordOf<'processes'>): boolean {
  return isExcused(at, restartExcuses(recording, { machine, component: within ?? component }))
}

/** Whether there was no Node of that name for a time that no declared fault accounts for. */
function isUnregistered(recording: Recording, machine: string): boolean {
  // A list after a time without a watch reports what was deleted meanwhile: one sight is enough.
  requireEvidence(
    recording.of('watch').find(({ resource }) => resource === 'nodes'),
    'No watch of nodes was recorded.',
    'NOT_WATCHED',
  )
  const lives = objects(recording, 'nodes').named('', machine)
  const { from, until } = span(recording)
  const [first] = lives
  if (!first) return true
  return lives.some((life, n) => {
    const time = { from: Math.max(from, life.deletedAt), until: lives[n + 1]?.bornAt ?? until }
    return life.deletedAt < until && unexplained(time, nodeExcuses(recording, machine, false), 0).length > 0
  })
}

/** @throws InconclusiveError NOT_READ */
function requireRead(readings: readonly RecordOf<'processes'>[]): void {
  for (const component of components) {
    const own = readings.filter((one) => one.component === component)
    const [unread] = own
    if (!unread || own.some(({ error }) => error === undefined)) continue
    const { machine, error = '' } = unread
    throw new InconclusiveError(
      `The processes of ${component} on ${machine} could not be read: ${error}.`,
      'NOT_READ',
      {
        machine,
        component,
      },
    )
  }
}
