/** A file to put into a machine before it starts. `mode` defaults to 0o644. */
export interface MachineFile {
  readonly path: string
  readonly content: string
  readonly mode?: number
}
