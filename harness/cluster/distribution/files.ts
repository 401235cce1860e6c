/** A file to be put into a machine before it starts. `mode` is 0o644 unless said otherwise. */
export interface MachineFile {
  readonly path: string
  readonly content: string
  readonly mode?: number
}
