import { access } from 'node:fs/promises'
import { delimiter, join } from 'node:path'
import { check, type Check } from './check.ts'
import { runCommand } from '../run-command.ts'
import { registryAnswers } from '../engine/registry.mjs'

/** Checks the sources of a missing machine image: a registry, or a build with Go and debootstrap. */
export async function imageSourceChecks(): Promise<Check[]> {
  const [registry, go, debootstrap] = await Promise.all([registryAnswers(), goVersion(), inPath('debootstrap')])
  return judgeImageSources({ registry, go, debootstrap })
}

/** The pure part of {@link imageSourceChecks}. A registry also has the images of Go and of the base. */
export function judgeImageSources(found: { registry: boolean; go: string | undefined; debootstrap: boolean }): Check[] {
  return [
    check('registry', found.registry ? true : 'warn', {
      found: found.registry ? 'answers' : 'does not answer',
      needed: 'a registry, or Go and debootstrap to build the images here',
      fix: 'No action is required: images are built on this host. To use an existing image: holdfast images import FILE',
    }),
    check('go', found.registry || found.go !== undefined, {
      found: found.go ?? (found.registry ? 'not installed, not needed with a registry' : 'not found'),
      needed: 'Go where no registry answers, to build the programs of the machines',
      fix: 'Install Go (https://go.dev/dl/), or import a built image: holdfast images import FILE',
    }),
    check('debootstrap', found.registry || found.debootstrap, {
      found: found.debootstrap
        ? 'installed'
        : found.registry
          ? 'not installed, not needed with a registry'
          : 'not found',
      needed: 'debootstrap where no registry answers, for the base of the image',
      fix: 'Install it: apt-get install debootstrap',
    }),
  ]
}

async function goVersion(): Promise<string | undefined> {
  const found = await runCommand('go', ['version'], { signal: AbortSignal.timeout(10_000) }).catch(() => undefined)
  return /go(\d+\.\S+)/.exec(found?.tail ?? '')?.[1]
}

async function inPath(name: string): Promise<boolean> {
  for (const folder of [...(process.env['PATH'] ?? '').split(delimiter), '/usr/sbin']) {
    try {
      await access(join(folder, name))
      return true
    } catch {
      // Not in this folder.
    }
  }
  return false
}
