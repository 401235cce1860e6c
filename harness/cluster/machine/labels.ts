import { thisOwner } from '../../host/ownership.ts'

/** Every Docker object of a run carries this label; its value is the run's id. */
export const runLabel = 'holdfast'
/** The process that created it, as JSON: any client of the engine can verify whether that process lives. */
export const ownerLabel = 'holdfast.owner'

/** The values for the labels of a run's Docker objects. */
export interface Labelled {
  readonly run: string
  /** The run's own folder. */
  readonly folder: string
}

export function labels({ run, folder }: Labelled): Record<string, string> {
  return { [runLabel]: run, [ownerLabel]: JSON.stringify(thisOwner(folder)) }
}

/** The name of a machine's container. */
export function containerName(run: string, machine: string): string {
  return `holdfast-${run}-${machine}`
}

/** The name of the sidecar of a machine whose image has no place for the agent. */
export function sidecarName(run: string, machine: string): string {
  return `${containerName(run, machine)}-agent`
}
