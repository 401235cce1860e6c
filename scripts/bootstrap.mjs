// Entry point on any Node 20 or newer, before packages are installed: installs what is missing, then runs the real program.
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { errorMessage } from '../harness/common/error-message.mjs'
import { environmentOf } from '../harness/host/engine/engine-choice.mjs'
import { makeEngineAvailable } from './bootstrap/docker.mjs'
import { handOver } from './bootstrap/hand-over.mjs'
import { withLock } from './bootstrap/lock.mjs'
import { binNode, ensurePackages } from './bootstrap/packages.mjs'
import { planOf } from './bootstrap/plan.mjs'
import { Refusal, print } from './bootstrap/print.mjs'

const root = dirname(dirname(fileURLToPath(import.meta.url)))
const verbose = Boolean(process.env['DEBUG'])

/** @param {AbortSignal} signal */
async function setUp(signal) {
  const plan = planOf(process.argv.slice(2))
  await ensurePackages(root, signal)
  const env = { ...process.env }
  if (plan.engine) {
    const onWait = () => print('Waiting: another process is setting up Docker.')
    const yes = plan.yes || Boolean(process.env['HOLDFAST_YES'])
    const endpoint = await withLock('engine', { signal, onWait }, () => makeEngineAvailable({ yes, signal }))
    Object.assign(env, environmentOf(endpoint))
  }
  return { args: plan.args, env }
}

const interrupted = new AbortController()
const interrupt = () => interrupted.abort()
process.once('SIGINT', interrupt)
process.once('SIGTERM', interrupt)
try {
  const { args, env } = await setUp(interrupted.signal)
  process.off('SIGINT', interrupt)
  process.off('SIGTERM', interrupt)
  process.exitCode = await handOver(
    binNode(root),
    // A journal's records are many small short-lived objects: a small young generation saves 30 MB at no cost.
    ['--max-semi-space-size=2', ...args.map((part, index) => (index === 0 ? join(root, part) : part))],
    { cwd: process.cwd(), env },
  )
} catch (error) {
  if (interrupted.signal.aborted) process.exitCode = 130
  else if (error instanceof Refusal) {
    print(`${error.message}\n  ${error.fix}`)
    process.exitCode = error.exitCode
  } else {
    print(verbose ? String(error instanceof Error ? error.stack : error) : `Set-up failed: ${errorMessage(error)}`)
    process.exitCode = 2
  }
}
