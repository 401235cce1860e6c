import type { AnyFaultKind } from '../engine/fault-kind.ts'
import * as apiFaults from '../kube-api/index.ts'
import * as loadFaults from '../load/index.ts'
import * as machineFaults from '../machine/index.ts'
import * as networkFaults from '../network/index.ts'
import * as processFaults from '../process/index.ts'
import * as storageFaults from '../storage/index.ts'
import * as tamperFaults from '../tamper/index.ts'

/** The faults of each area, as its index exports them. */
const areas = {
  process: processFaults,
  machine: machineFaults,
  network: networkFaults,
  tamper: tamperFaults,
  API: apiFaults,
  storage: storageFaults,
  load: loadFaults,
} as const

/** Every fault, by the name of its method. */
export const faultsByMethod = {
  ...processFaults,
  ...machineFaults,
  ...networkFaults,
  ...tamperFaults,
  ...apiFaults,
  ...storageFaults,
  ...loadFaults,
} as const

/** Every fault with its area, by name: the order of a module's exports depends on its loader. */
export const faultKinds: readonly (AnyFaultKind & { readonly group: string })[] = Object.entries(areas).flatMap(
  ([group, faults]) =>
    Object.values<AnyFaultKind>(faults)
      .toSorted(byName)
      .map((kind) => ({ ...kind, group })),
)

function byName(a: AnyFaultKind, b: AnyFaultKind): number {
  return a.name.localeCompare(b.name)
}
