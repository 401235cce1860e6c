import { issuer } from '../cluster/bindings.ts'
import { during, type FaultWindow, hitsComponent, type Interval } from './fault-windows.ts'
import { hasCondition, objects } from '../recording/kubernetes-objects.ts'
import { type Tenure, tenures } from '../recording/lease-tenures.ts'
import type { Recording } from '../recording/recording.ts'

/** A fact of the journal, and its time. */
export interface Fact {
  readonly at: number
  readonly fact: string
}

/** A Lease in kube-system whose holder was on a machine that was hit, with all its tenures. */
export interface LostLead {
  readonly lease: string
  readonly tenures: readonly Tenure[]
}

const elections = ['kube-scheduler', 'kube-controller-manager']

/** The leaders that a fault hit: of a machine that may be several. */
export function lostLeads(recording: Recording, { target, intentAt }: FaultWindow): LostLead[] {
  return elections
    .filter((lease) => target.component === undefined || hitsComponent(target, lease))
    .map((lease) => ({ lease, tenures: tenures(recording, lease) }))
    .filter((lead) => {
      const before = lead.tenures.findLast(({ from }) => from <= intentAt)
      return before !== undefined && target.machines.includes(before.machine)
    })
}

/** When a component or client first detected the effect of the fault. */
export function detected(recording: Recording, window: FaultWindow, within: Interval): Fact | undefined {
  return [
    ...notReady(recording, window, within),
    ...silentMember(recording, window, within),
    ...contested(recording, window, within),
    ...brokenWatch(recording, window, within),
  ].toSorted((a, b) => a.at - b.at)[0]
}

/** Why no detection was recorded. */
export function undetected(recording: Recording, window: FaultWindow): string {
  const { component } = window.target
  if (component === 'kube-proxy') return 'no part of Kubernetes reports on kube-proxy'
  if (component === 'etcd') return 'the member answered every status request'
  if (component === 'kube-apiserver') return 'no watch of it broke'
  if (component === undefined || !elections.includes(component)) return 'its Node was reported Ready all the time'
  return lostLeads(recording, window).length > 0
    ? 'no other candidate requested its Lease'
    : 'it did not lead, and no component detects the loss of a standby'
}

function notReady(recording: Recording, { target }: FaultWindow, within: Interval): Fact[] {
  return objects(recording, 'nodes')
    .lives.filter(({ name }) => target.machines.includes(name))
    .flatMap(({ name, versions }) =>
      versions
        .filter(({ at, deleted, object }) => during(within, at) && !deleted && !hasCondition(object, 'Ready', 'True'))
        .map(({ at }) => ({ at, fact: `Node ${name} was reported not Ready` })),
    )
}

function silentMember(recording: Recording, { target }: FaultWindow, within: Interval): Fact[] {
  if (target.component !== undefined && target.component !== 'etcd') return []
  const silent = recording
    .of('etcd')
    .find(({ at, member, answered }) => during(within, at) && target.machines.includes(member) && !answered)
  return silent ? [{ at: silent.at, fact: `etcd on ${silent.member} did not answer` }] : []
}

/**
 * A candidate only reads a Lease that another one holds. It requests to write the Lease when it was released, or not
 * renewed for the lease duration. That request, granted or not, is the first sign of a lost leader.
 * https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
 */
function contested(recording: Recording, window: FaultWindow, within: Interval): Fact[] {
  const { machines } = window.target
  return lostLeads(recording, window).flatMap(({ lease }) => {
    const candidate = recording
      .of('audit')
      .filter(
        ({ resource, namespace, name, verb }) =>
          `${verb} ${resource} ${namespace}/${name}` === `update leases kube-system/${lease}`,
      )
      .map((record) => ({ at: record.at, by: issuer(recording, record) }))
      .find(({ at, by }) => during(within, at) && by !== undefined && !machines.includes(by))
    return candidate ? [{ at: candidate.at, fact: `${candidate.by} requested the lease ${lease} in its place` }] : []
  })
}

/**
 * A client that watches an API server detects its end. For a silent server the record only states later since when it
 * may have been silent, which is not the time of a detection.
 */
function brokenWatch(recording: Recording, { target, from }: FaultWindow, within: Interval): Fact[] {
  if (target.component !== undefined && !hitsComponent(target, 'kube-apiserver')) return []
  const watched = new Set(recording.of('watch').map(({ resource }) => resource))
  return recording
    .of('gap')
    .filter(
      ({ at, source, resource }) =>
        target.machines.includes(source) && watched.has(resource) && at >= from && during(within, at),
    )
    .map(({ at, source, resource }) => ({ at, fact: `the watch of ${resource} at ${source} broke` }))
}
