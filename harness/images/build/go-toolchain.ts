import type Docker from 'dockerode'
import { HoldfastError } from '../../common/errors.ts'
import { findImage, reason } from '../engine.ts'
import { runCommand } from '../../host/run-command.ts'
import { pullImage } from '../third-party/pull.ts'
import { moduleFolder } from '../recipe.ts'
import { goImage, goVersion } from '../versions.ts'

/** The Go for builds: that of the host, or that of the Go project's image. */
export type Toolchain =
  { readonly kind: 'host'; readonly version: string } | { readonly kind: 'container'; readonly image: string }

/** Whether a `go version` line is from a recent enough Go. */
export function isGoRecent(line: string): boolean {
  const [, major = '0', minor = '0'] = /\bgo(\d+)\.(\d+)/.exec(line) ?? []
  return Number(major) > goVersion.major || (Number(major) === goVersion.major && Number(minor) >= goVersion.minor)
}

/** Lets an older Go on the host fetch the version that the modules require, unless the user set GOTOOLCHAIN. */
export const goToolchainSetting = (): string => process.env['GOTOOLCHAIN'] ?? 'auto'

/** Returns the output of the host's `go version`; undefined without a recent Go. With `mayFetch` an older Go may fetch a newer one. */
export async function hostGo(mayFetch: boolean, signal?: AbortSignal): Promise<string | undefined> {
  const env = { GOTOOLCHAIN: mayFetch ? goToolchainSetting() : 'local' }
  // In a module's folder, Go reports the version that it would build this module with.
  const cwd = moduleFolder('containerd')
  const found = await runCommand('go', ['version'], { signal, env, cwd }).catch(() => undefined)
  signal?.throwIfAborted()
  const line = found?.tail.split('\n').at(-1)?.trim() ?? ''
  return found?.exitCode === 0 && isGoRecent(line) ? line : undefined
}

/** Finds the Go for builds. @throws HoldfastError HF_NO_GO when neither the host nor a registry has one */
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
      `Can't build the binaries of the machines: this host has no Go ${wanted}, and ${goImage} can't be pulled (${reason(cause)}).`,
      {
        hint: `Install Go ${wanted} or later, or import a built image: holdfast images import <file>.`,
        cause,
      },
    )
  }
}
