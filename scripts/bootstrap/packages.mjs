// Installs node_modules as package-lock.json demands with `npm ci`. A stamp file shows that they agree.
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { command } from './command.mjs'
import { withLock } from './lock.mjs'
import { Refusal, print } from './print.mjs'

/**
 * @param {string} root
 * @param {AbortSignal} signal
 */
export async function ensurePackages(root, signal) {
  if (stampIsCurrent(root)) return
  const name = createHash('sha256').update(root).digest('hex').slice(0, 12)
  await withLock(
    `npm-${name}`,
    { signal, onWait: () => print('Waiting: another process is installing packages.') },
    async () => {
      if (stampIsCurrent(root)) return
      if (!installedAsLocked(root)) await install(root, signal)
      writeFileSync(stampFile(root), lockHash(root))
    },
  )
}

/** @param {string} root */
const stampFile = (root) => join(root, 'node_modules', '.holdfast-stamp')

/** @param {string} root */
function lockHash(root) {
  const hash = createHash('sha256').update(readFileSync(join(root, 'package-lock.json')))
  return hash.update(`${process.platform} ${process.arch}`).digest('hex')
}

/** @param {string} root */
function stampIsCurrent(root) {
  const stamp = stampFile(root)
  return existsSync(stamp) && existsSync(binNode(root)) && readFileSync(stamp, 'utf8') === lockHash(root)
}

/**
 * Path of the Node that runs every program of the project.
 * @param {string} root
 */
export const binNode = (root) => join(root, 'node_modules', '.bin', process.platform === 'win32' ? 'node.exe' : 'node')

/**
 * Whether npm's record of node_modules agrees with the lock file, as after `npm install`: then `npm ci` is not needed.
 * @param {string} root
 */
export function installedAsLocked(root) {
  try {
    const wanted = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8')).packages
    const found = JSON.parse(readFileSync(join(root, 'node_modules', '.package-lock.json'), 'utf8')).packages
    if (!existsSync(binNode(root))) return false
    const names = new Set([...Object.keys(wanted), ...Object.keys(found)].filter((name) => name !== ''))
    return [...names].every((name) => {
      const [want, have] = [wanted[name], found[name]]
      if (!have) return want.optional === true // for another platform
      return want?.version === have.version && want?.integrity === have.integrity
    })
  } catch {
    return false
  }
}

/**
 * @param {string} root
 * @param {AbortSignal} signal
 */
async function install(root, signal) {
  print('Installing packages (npm ci) ...')
  const began = performance.now()
  // Under `npm start` the npm that runs it, else the one in PATH.
  const npm = process.env['npm_execpath']
  const args = ['ci', '--include=dev', '--no-audit', '--no-fund', '--loglevel=error']
  const { code, output } = await (npm?.endsWith('.js')
    ? command(process.execPath, [npm, ...args], { cwd: root, signal })
    : command('npm', args, { cwd: root, signal }))
  if (code !== 0) {
    const fix = output.includes('EUSAGE')
      ? 'Create the lock file again: remove node_modules and package-lock.json, then run `npm install`.'
      : 'Check the network and the npm registry, then try again.'
    throw new Refusal(`npm ci failed: ${reasonIn(output)}`, fix)
  }
  if (!existsSync(binNode(root))) {
    throw new Refusal(
      'npm ci installed no Node 24 (package "node").',
      'Allow its install script: npm config set ignore-scripts false',
    )
  }
  print(`Packages installed in ${((performance.now() - began) / 1000).toFixed(0)} s.`)
}

/**
 * Returns the first two errors in npm's output, without npm's name, codes, usage and log file.
 * @param {string} output
 */
export function reasonIn(output) {
  const lines = output
    .split('\n')
    .flatMap((line) => /^npm (?:error|ERR!) (?!code |A complete log)(.*\S)/.exec(line)?.[1] ?? [])
  return lines.slice(0, 2).join(' ') || output.trim().split('\n').at(-1) || 'npm gave no reason'
}
