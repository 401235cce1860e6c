import { statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { check, type Check } from './check.ts'

const gigabyte = 1024 ** 3
const minMemory = 6 * gigabyte
const minDisk = 8 * gigabyte
const minCores = 2
/** The oldest Node.js that the libraries support. */
const minNode = { major: 22, minor: 22 }

/** `version` as process.version gives it. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const ok = major > minNode.major || (major === minNode.major && minor >= minNode.minor)
  return check('node', ok, {
    found: version,
    needed: `${minNode.major}.${minNode.minor} or newer, for Testcontainers`,
    fix: 'Run `npm start` or `npx holdfast`: they use their own Node.js.',
  })
}

/** Checks the memory of the engine's host, in bytes. */
export function memoryCheck(bytes: number): Check {
  // A machine with nominal 6 GB reports a little less.
  return check('memory', bytes >= minMemory * 0.95, {
    found: `${(bytes / gigabyte).toFixed(1)} GB`,
    needed: '6 GB, for eight machines, the workload and the harness',
    fix: 'Give the host (or Docker Desktop) more memory, or use --topology single.',
  })
}

function coresCheck(cores: number): Check {
  return check('cores', cores >= minCores ? true : 'warn', {
    found: String(cores),
    needed: `${minCores}; with fewer, host noise makes verdicts inconclusive`,
    fix: 'Use a host with more cores.',
  })
}

/** Checks the free bytes where the engine stores images and machines. */
export function diskCheck(bytes: number, where: string): Check {
  return check('disk', bytes >= minDisk, {
    found: `${(bytes / gigabyte).toFixed(0)} GB free in ${where}`,
    needed: '8 GB, for images, the build cache and the machines',
    fix: 'Free disk space: docker system prune, holdfast clean',
  })
}

/** Checks resources, by the engine's own figures where it reports them, else by this host's. */
export async function resourceChecks(engine: { memory?: number; cores?: number; root?: string }): Promise<Check[]> {
  const limit = process.constrainedMemory()
  const memory = engine.memory ?? (limit > 0 && limit < totalmem() ? limit : totalmem())
  const { free, where } = await freeDisk([engine.root ?? '', '/var/lib', process.cwd()])
  return [
    nodeCheck(process.version),
    memoryCheck(memory),
    coresCheck(engine.cores ?? availableParallelism()),
    diskCheck(free, where),
  ]
}

/** Returns the free bytes of the first readable folder. */
async function freeDisk(folders: readonly string[]): Promise<{ free: number; where: string }> {
  for (const where of folders.filter(Boolean)) {
    try {
      const { bavail, bsize } = await statfs(where)
      return { free: bavail * bsize, where }
    } catch {
      // The engine's folder is on another host, or this is not Linux.
    }
  }
  return { free: 0, where: 'no readable folder' }
}
