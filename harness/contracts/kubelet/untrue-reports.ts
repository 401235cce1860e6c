import type { Interval } from '../../judge/faults/fault-windows.ts'
import { objects, type Pod } from '../../judge/recording/kubernetes-objects.ts'
import type { Life } from '../../judge/recording/object-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import type { JournalRecord } from '../../record/records.ts'
import type { Listing } from './listings.ts'

/** A time in which a pod's status differed from what its Node's runtime had listed at its start. */
export interface UntrueReport extends Interval {
  readonly pod: string
  /** A clause: "its status reports that the container 0a1b is running, and the runtime does not list it". */
  readonly difference: string
  /** The listing, and the state that ended the difference. */
  readonly records: readonly JournalRecord[]
  /** Whether the status was corrected. */
  readonly ended: boolean
}

/** How many characters of a container's id identify it in a sentence. */
const shortId = 12

/** Every difference between a runtime's listing and the statuses of the pods on its Node. */
export function untrueReports(recording: Recording, listing: Listing): UntrueReport[] {
  const { at, machine } = listing
  return objects(recording, 'pods').lives.flatMap((life) => {
    const pod = life.at(at)
    if (pod?.spec.nodeName !== machine || pod.metadata.deletionTimestamp !== undefined) return []
    const own = { recording, listing, life, pod }
    return [...endedContainers(own), ...unreportedContainers(own), ...otherAddress(own)]
  })
}

interface Compared {
  readonly recording: Recording
  readonly listing: Listing
  readonly life: Life<Pod>
  readonly pod: Pod
}

function endedContainers(own: Compared): UntrueReport[] {
  const running = new Set(own.listing.containers.map(({ id }) => id))
  return runningIn(own.pod)
    .filter((id) => !running.has(id))
    .map((id) =>
      untrue(
        own,
        `its status reports that the container ${id.slice(0, shortId)} is running, and the runtime did not list it`,
        (pod) => !runningIn(pod).includes(id),
      ),
    )
}

function unreportedContainers(own: Compared): UntrueReport[] {
  return entries(own)
    .filter(({ name, id }) => name !== 'pause' && !mentions(own.pod, id))
    .map(({ id, name }) =>
      untrue(
        own,
        `the runtime listed the container ${id.slice(0, shortId)} (${name}), and its status does not report it`,
        (pod) => mentions(pod, id),
        id,
      ),
    )
}

/** A pod with several sandboxes is being restarted: one of them has another address. */
function otherAddress(own: Compared): UntrueReport[] {
  const [sandbox, ...more] = entries(own).filter(({ name }) => name === 'pause')
  const reported = addressesOf(own.pod)
  const address = sandbox?.address
  const isSame = address === undefined || reported.length === 0 || reported.includes(address)
  if (!sandbox || more.length > 0 || own.pod.spec.hostNetwork || isSame) return []
  const difference = `its status reports the address ${reported.join(', ')}, and its sandbox had ${address}`
  return [untrue(own, difference, (pod) => addressesOf(pod).includes(address), sandbox.id)]
}

/**
 * The difference lasts until a state corrects it or the pod ends. One about a listed container or sandbox lasts as long as later
 * listings certainly have it.
 */
function untrue(
  { recording, listing, life }: Compared,
  difference: string,
  corrects: (pod: Pod) => boolean,
  listedId?: string,
): UntrueReport {
  const { at, machine } = listing
  const corrected = life.versions.find(
    (version) =>
      version.at > at &&
      (version.deleted || version.object.metadata.deletionTimestamp !== undefined || corrects(version.object)),
  )
  const correctedAt = corrected?.at ?? span(recording).until
  const later = recording.of('containers').filter((one) => one.machine === machine && one.at >= at)
  const gone = later.findIndex(({ containers }) => !containers.some(({ id }) => id === listedId))
  const last = (gone === -1 ? later : later.slice(0, gone)).at(-1) ?? listing
  const until = listedId === undefined ? correctedAt : Math.min(correctedAt, last.at)
  const ended = corrected !== undefined && until === corrected.at
  return {
    from: at,
    until,
    pod: `${life.namespace}/${life.name}`,
    difference,
    records: [listing, ended ? corrected.record : last],
    ended,
  }
}

function entries({ listing, life }: Compared): Listing['containers'] {
  return listing.containers.filter(({ namespace, pod }) => namespace === life.namespace && pod === life.name)
}

function runningIn({ status }: Pod): string[] {
  return status.containerStatuses.flatMap(({ containerID, state }) =>
    state.running === undefined || state.running === null ? [] : [idOf(containerID)],
  )
}

function mentions({ status }: Pod, id: string): boolean {
  const { containerStatuses, initContainerStatuses, ephemeralContainerStatuses } = status
  return [...containerStatuses, ...initContainerStatuses, ...ephemeralContainerStatuses].some(
    ({ containerID, lastState }) => [containerID, lastState.terminated.containerID].some((one) => idOf(one) === id),
  )
}

function addressesOf({ status: { podIP, podIPs } }: Pod): string[] {
  return [...new Set([...(podIP === undefined ? [] : [podIP]), ...podIPs.map(({ ip }) => ip)])]
}

/** `containerd://0a1b` has the runtime's name before the id. */
function idOf(containerId: string): string {
  return containerId.slice(containerId.lastIndexOf('/') + 1)
}
