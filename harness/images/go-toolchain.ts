import type Docker from 'dockerode'
import { HoldfastError } from '../errors.ts'
import { findImage, reason } from './engine.ts'
import { runCommand } from './run-command.ts'
import { pullImage } from './pull.ts'
import { goImage, goVersion } from './versions.ts'

/** Which Go compiles: the host's own, or the one in the Go project's image. */
export type Toolchain =
  { readonly kind: 'host'; readonly version: string } | { readonly kind: 'container'; readonly image: string }

/** Whether a `go version` line is of a Go that is new enough. A toolchain that can fetch a newer one by itself (1.21 on) is not counted on. */
export function isGoRecent(line: string): boolean {
  const [, major = '0', minor = '0'] = /\bgo(\d+)\.(\d+)/.exec(line) ?? []
  return Number(major) > goVersion.major || (Number(major) === goVersion.major && Number(minor) >= goVersion.minor)
}

/** The host's Go, or undefined when there is none or it is too old. */
export async function hostGo(signal?: AbortSignal): Promise<string | undefined> {
  // GOTOOLCHAIN=local: the question is what is installed; the modules' own go lines may still fetch a patch release.
  const found = await runCommand('go', ['version'], { signal, env: { GOTOOLCHAIN: 'local' } }).catch(() => undefined)
  signal?.throwIfAborted()
  return found?.exitCode === 0 && isGoRecent(found.tail) ? found.tail.trim() : undefined
}

/** The Go to compile with. Error HF_NO_GO when there is neither one here nor a registry that has the image. */
export async function findToolchain(
  docker: Docker,
  detail: (text: string) => void,
  signal?: AbortSignal,
): Promise<Toolchain> {
  const version = await hostGo(signal)
  if (version) return { kind: 'host', version }
  if (await findImage(docker, goImage)) return { kind: 'container', image: goImage }
  try {
    await pullImage(docker, goImage, detail, signal)
    return { kind: 'container', image: goImage }
  } catch (cause) {
    signal?.throwIfAborted()
    const wanted = `${goVersion.major}.${goVersion.minor}`
    throw new HoldfastError(
      'HF_NO_GO',
      `The machines' binaries can't be built: no Go ${wanted} here, and ${goImage} can't be pulled (${reason(cause)}).`,
      {
        hint: `Install Go ${wanted} or later, or import an image that somebody else has built: holdfast images import <file>.`,
        cause,
      },
    )
  }
}
