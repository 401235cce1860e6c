import { statfs } from 'node:fs/promises'
import { availableParallelism, totalmem } from 'node:os'
import { check, type Check } from './check.ts'

const gigabyte = 1024 ** 3
const minMemory = 6 * gigabyte
const minDisk = 8 * gigabyte
const minCores = 2
/** The smallest Node that the libraries accept. */
const minNode = { major: 22, minor: 22 }

/** `version` as process.version gives it. */
export function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.replace(/^v/, '').split('.').map(Number)
  const ok = major > minNode.major || (major === minNode.major && minor >= minNode.minor)
  return check('node', ok, {
    found: version,
    needed: `${minNode.major}.${minNode.minor} or newer, for Testcontainers`,
    mend: 'Start by `npm start` or `npx holdfast`: they bring their own Node.',
  })
}

/** Memory, in bytes, that the engine's machine has. */
export function memoryCheck(bytes: number): Check {
  // A machine sold as 6 GB shows a little less.
  return check('memory', bytes >= minMemory * 0.95, {
    found: `${(bytes / gigabyte).toFixed(1)} GB`,
    needed: '6 GB, for eight machines, the workload and the harness',
    mend: 'Give the machine (or the Docker desktop) more memory, or use --topology single.',
  })
}

function coresCheck(cores: number): Check {
  return check('cores', cores >= minCores ? true : 'warn', {
    found: String(cores),
    needed: `${minCores}, or timings become the host's and verdicts inconclusive`,
    mend: 'Use a machine with more cores.',
  })
}

/** Free bytes where images and machines are kept. */
export function diskCheck(bytes: number, where: string): Check {
  return check('disk', bytes >= minDisk, {
    found: `${(bytes / gigabyte).toFixed(0)} GB free in ${where}`,
    needed: '8 GB, for images, the build cache and the machines',
    mend: 'Free some space: docker system prune, holdfast clean',
  })
}

/** What this machine has, by its operating system or by what the engine says where it has a machine of its own. */
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

/** Free bytes of the first of these folders that this process can see. */
async function freeDisk(folders: readonly string[]): Promise<{ free: number; where: string }> {
  for (const where of folders.filter(Boolean)) {
    try {
      const { bavail, bsize } = await statfs(where)
      return { free: bavail * bsize, where }
    } catch {
      // Not here: the engine's folder is on another machine, or this is not Linux.
    }
  }
  return { free: 0, where: 'no folder that can be read' }
}
