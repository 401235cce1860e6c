/** Every Docker object of ours carries this label; its value is the run's id. */
export const runLabel = 'holdfast'

export function labels(run: string): Record<string, string> {
  return { [runLabel]: run }
}
