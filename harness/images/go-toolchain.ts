import type Docker from 'dockerode'
import { HoldfastError } from '../errors.ts'
import { findImage, reason } from './engine.ts'
import { runCommand } from './run-command.ts'
import { pullImage } from './pull.ts'
import { moduleFolder } from './recipe.ts'
import { goImage, goVersion } from './versions.ts'

/** Which Go compiles: the host's own, or the one in the Go project's image. */
export type Toolchain =
  { readonly kind: 'host'; readonly version: string } | { readonly kind: 'container'; readonly image: string }

/** Whether a `go version` line is of a Go that is new enough. */
export function isGoRecent(line: string): boolean {
  const [, major = '0', minor = '0'] = /\bgo(\d+)\.(\d+)/.exec(line) ?? []
  return Number(major) > goVersion.major || (Number(major) === goVersion.major && Number(minor) >= goVersion.minor)
}

/** Lets an older Go of the host's fetch the one that the modules ask for, unless the user has said otherwise. */
export const goToolchainSetting = (): string => process.env['GOTOOLCHAIN'] ?? 'auto'

/** The host's Go in its own words, or undefined when there is none that is recent enough. With `mayFetch` an older one may fetch a newer. */
export async function hostGo(mayFetch: boolean, signal?: AbortSignal): Promise<string | undefined> {
  const env = { GOTOOLCHAIN: mayFetch ? goToolchainSetting() : 'local' }
  // Asked in a module's folder, it answers with the version that it would build that module with.
  const cwd = moduleFolder('containerd')
  const found = await runCommand('go', ['version'], { signal, env, cwd }).catch(() => undefined)
  signal?.throwIfAborted()
  const line = found?.tail.split('\n').at(-1)?.trim() ?? ''
  return found?.exitCode === 0 && isGoRecent(line) ? line : undefined
}

/** The Go to compile with. Error HF_NO_GO when there is neither one here nor a registry that has the image. */
export async function findToolchain(
  docker: Docker,
  detail: (text: string) => void,
  signal?: AbortSignal,
): Promise<Toolchain> {
  const version = await hostGo(true, signal)
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
      `The machine binaries can't be built: this host has no Go ${wanted}, and ${goImage} can't be pulled (${reason(cause)}).`,
      {
        hint: `Install Go ${wanted} or later, or import an image that was built elsewhere: holdfast images import <file>.`,
        cause,
      },
    )
  }
}
