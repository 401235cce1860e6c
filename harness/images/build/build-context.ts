import type Docker from 'dockerode'
import type { Architecture } from '../engine.ts'

/** The context of every build step. */
export interface BuildContext {
  readonly docker: Docker
  readonly architecture: Architecture
  /** The cache folder. */
  readonly cache: string
  readonly signal?: AbortSignal | undefined
  /** Reports the current activity. */
  readonly detail: (text: string) => void
  /** Reports a problem that the user may want to fix; the build continues. */
  readonly warn: (text: string) => void
}

/** Name prefix of build containers. They are removed at the end of the build or, after a crash, at the start of the next one. */
export const buildContainerPrefix = 'holdfast-build-'
