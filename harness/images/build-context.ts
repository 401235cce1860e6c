import type Docker from 'dockerode'
import type { Architecture } from './engine.ts'

/** What every step of a build is given. */
export interface BuildContext {
  readonly docker: Docker
  readonly architecture: Architecture
  /** The cache folder. */
  readonly cache: string
  readonly signal?: AbortSignal | undefined
  /** Tells what is being done right now. */
  readonly detail: (text: string) => void
  /** Tells of something that the user may want to mend, though the build goes on. */
  readonly warn: (text: string) => void
}

/** Containers that a build makes are called so; all of them are removed when it ends and, after a crash, when the next one starts. */
export const buildContainerPrefix = 'holdfast-build-'
