import { issuer } from './bindings.ts'
import { during, type FaultWindow, hitsComponent, type Interval } from './fault-windows.ts'
import { hasCondition, objects } from './kubernetes-objects.ts'
import { type Tenure, tenures } from './lease-tenures.ts'
import type { Recording } from './recording.ts'

/** A fact of the journal, and when it came to be. */
export interface Fact {
  readonly at: number
  readonly fact: string
}

/** A Lease in kube-system whose holder was on a machine that was hit, and who has held it from then on. */
export interface LostLead {
  readonly lease: string
  readonly tenures: readonly Tenure[]
}

const elections = ['kube-scheduler', 'kube-controller-manager']

/** Who led when a fault came, where that was hit: of a machine that may be both. */
export function lostLeads(recording: Recording, { target, intentAt }: FaultWindow): LostLead[] {
  return elections
    .filter((lease) => target.component === undefined || hitsComponent(target, lease))
    .map((lease) => ({ lease, tenures: tenures(recording, lease) }))
    .filter((lead) => {
      const before = lead.tenures.findLast(({ from }) => from <= intentAt)
      return before !== undefined && target.machines.includes(before.machine)
    })
}

/** When somebody first noticed that what was hit was no more what it had been. */
export function detected(recording: Recording, window: FaultWindow, within: Interval): Fact | undefined {
  return [
    ...notReady(recording, window, within),
    ...silentMember(recording, window, within),
    ...contested(recording, window, within),
    ...brokenWatch(recording, window, within),
  ].toSorted((a, b) => a.at - b.at)[0]
}

/** Why nobody was seen to notice. */
export function undetected(recording: Recording, window: FaultWindow): string {
  const { component } = window.target
  if (component === 'kube-proxy') return 'no part of Kubernetes reports on kube-proxy'
  if (component === 'etcd') return 'the member answered whenever it was asked'
  if (component === 'kube-apiserver') return 'no watch of it was seen to break'
  if (component === undefined || !elections.includes(component)) return 'its Node was told Ready all along'
  return lostLeads(recording, window).length > 0
    ? 'nobody else was seen to ask for its Lease'
    : 'it did not lead, and nobody misses one that stands by'
}

function notReady(recording: Recording, { target }: FaultWindow, within: Interval): Fact[] {
  return objects(recording, 'nodes')
    .lives.filter(({ name }) => target.machines.includes(name))
    .flatMap(({ name, versions }) =>
      versions
        .filter(({ at, deleted, object }) => during(within, at) && !deleted && !hasCondition(object, 'Ready', 'True'))
        .map(({ at }) => ({ at, fact: `Node ${name} was no longer told Ready` })),
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
 * A candidate only reads a Lease that another holds, and asks to write it once it has seen it given up, or not renewed for as
 * long as it is good for: that request, granted or not, is the first sign of a leader who is missed.
 * https://pkg.go.dev/k8s.io/client-go/tools/leaderelection
 */
function contested(recording: Recording, window: FaultWindow, within: Interval): Fact[] {
  const { machines } = window.target
  return lostLeads(recording, window).flatMap(({ lease }) => {
    const asked = recording
      .of('audit')
      .filter(
        ({ resource, namespace, name, verb }) =>
          `${verb} ${resource} ${namespace}/${name}` === `update leases kube-system/${lease}`,
      )
      .map((record) => ({ at: record.at, by: issuer(recording, record) }))
      .find(({ at, by }) => during(within, at) && by !== undefined && !machines.includes(by))
    return asked ? [{ at: asked.at, fact: `${asked.by} asked for the lease ${lease} in its place` }] : []
  })
}

/**
 * Whoever watches an API server notices that it has ended. Of one that is silent it is only told later since when it may have
 * been: that is no moment at which somebody noticed.
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
