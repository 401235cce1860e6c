/** Every Docker object of ours carries this label; its value is the run's id. */
export const runLabel = 'holdfast'

export function labels(run: string): Record<string, string> {
  return { [runLabel]: run }
}

/** The name of a machine's container. */
export function containerName(run: string, machine: string): string {
  return `holdfast-${run}-${machine}`
}

/** The name of the container beside a machine whose image has no place for our agent. */
export function sidecarName(run: string, machine: string): string {
  return `${containerName(run, machine)}-agent`
}
