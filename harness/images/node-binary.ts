import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { HoldfastError } from '../common/errors.ts'
import { artifact } from './cache/cache.ts'
import type { BuildContext } from './build/build-context.ts'
import { runCommand } from '../host/run-command.ts'
import { buildTrouble } from './build/trouble.ts'
import { versions } from './versions.ts'

/** Returns the Node.js for the agents: the harness's own if it fits the engine, else the npm package for the engine's architecture. */
export async function nodeBinary(context: BuildContext): Promise<string> {
  const arch = context.architecture === 'amd64' ? 'x64' : 'arm64'
  if (process.platform === 'linux' && process.arch === arch) {
    const own = join(dirname(createRequire(import.meta.url).resolve('node/package.json')), 'bin', 'node')
    const version = await runCommand(own, ['--version'], { signal: context.signal }).catch(() => undefined)
    if (version?.tail.trim() === `v${versions.node}`) return own
  }
  const name = `node-linux-${arch}@${versions.node}`
  const fetched = await artifact(context.cache, `node-linux-${arch}`, versions.node, async (folder) => {
    context.detail(`fetching ${name}`)
    const args = [
      'install',
      '--prefix',
      folder,
      '--no-save',
      '--no-audit',
      '--no-fund',
      '--ignore-scripts',
      '--force',
      name,
    ]
    const done = await runCommand('npm', args, { signal: context.signal }).catch((cause: unknown) => {
      throw new HoldfastError('HF_NO_NPM', `Can't fetch ${name}: npm does not start.`, {
        hint: 'Add npm to the PATH.',
        cause,
      })
    })
    if (done.exitCode !== 0) throw buildTrouble(`Fetching ${name}`, done.tail, context.cache)
  })
  return join(fetched.path, 'node_modules', `node-linux-${arch}`, 'bin', 'node')
}
