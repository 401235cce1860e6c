import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { eventually } from '../../../harness/eventually.ts'
import { withRuntime } from '../../../harness/host/runtime.mjs'
import { imageStatus } from '../../../harness/images/status.ts'

const run = promisify(execFile)
const patience = { withinMs: 60_000, everyMs: 50 }
const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
/** The first process of those namespaces: it reaps whatever has lost its parent. */
const home = 'ip link set lo up && mount -t tmpfs holdfast "$1" && echo ready && while sleep 3600; do :; done'

/**
 * A Docker engine of a test's own, to be killed: with data, processes, mounts and a network that nobody else has. The machine's
 * own engine learns nothing of it. However the test ends, its namespaces end with it, and all that was mounted or started there.
 */
export class OwnEngine implements AsyncDisposable {
  readonly folder: string
  readonly #home: ChildProcess
  #daemon: ChildProcess | undefined

  private constructor(folder: string) {
    this.folder = folder
    const shell = ['sh', '-c', home, 'home', join(folder, 'data')]
    this.#home = spawn('setpriv', ['--pdeathsig', 'KILL', 'unshare', ...namespaces, ...shell], {
      stdio: ['ignore', 'pipe', 'ignore'],
    })
  }

  /** It takes a Docker that is installed here, and leave to make namespaces. */
  static possible(): boolean {
    const here = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'dockerd')))
    return here && process.getuid?.() === 0
  }

  /** Running, with the machine image in it. */
  static async start(): Promise<OwnEngine> {
    const engine = await OwnEngine.startEmpty()
    try {
      const { reference } = await imageStatus()
      await run('sh', ['-c', 'docker save "$1" | docker --host "$2" load', 'copy', reference, engine.host])
      return engine
    } catch (error) {
      await engine[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Running, without any image. */
  static async startEmpty(): Promise<OwnEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-engine-'))
    await mkdir(join(folder, 'data'))
    // Only what machines need: what else the machine's own engine is told is not for a second one.
    await writeFile(join(folder, 'daemon.json'), withRuntime('') ?? '')
    const engine = new OwnEngine(folder)
    try {
      await engine.#ready()
      await engine.launch()
      return engine
    } catch (error) {
      await engine[Symbol.asyncDispose]()
      throw error
    }
  }

  get host(): string {
    return `unix://${this.folder}/docker.sock`
  }

  /** What a program needs to use this engine and no other. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, DOCKER_HOST: this.host }
  }

  /** A command where the engine publishes ports; with all of the engine's namespaces where it is to be one of its processes. */
  async within(argv: readonly string[], which: readonly string[] = ['--net']): Promise<[string, string[]]> {
    return ['nsenter', [`--target=${await childOf(this.#home)}`, ...which, ...argv]]
  }

  async docker(...words: string[]): Promise<string> {
    return (await run('docker', ['--host', this.host, ...words])).stdout.trim()
  }

  async launch(): Promise<void> {
    const at = (name: string): string => join(this.folder, name)
    // What one that was killed has left would keep the next one from starting.
    for (const left of ['docker.pid', 'exec/containerd/containerd.pid']) await rm(at(left), { force: true })
    const settings = [`--config-file=${at('daemon.json')}`, `--host=${this.host}`]
    const places = [`--data-root=${at('data')}`, `--exec-root=${at('exec')}`, `--pidfile=${at('docker.pid')}`]
    const all = ['--net', '--mount', '--pid']
    const [command, argv] = await this.within(['dockerd', ...settings, ...places], all)
    // Thousands of lines, of which the last ones say what it was if it does not come up.
    this.#daemon = spawn(command, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
    let said = ''
    this.#daemon.stderr?.on('data', (chunk: Buffer) => (said = (said + chunk.toString()).slice(-2_000)))
    const answers = async (): Promise<boolean> => {
      await this.docker('version').catch((error: unknown) => Promise.reject(new Error(said, { cause: error })))
      return true
    }
    await eventually('the engine to answer', answers, patience)
  }

  /** SIGKILL for the engine alone: its containerd notices and ends, its machines go on. */
  async kill(): Promise<void> {
    const daemon = this.#daemon
    if (!daemon) throw new Error('it does not run')
    const ended = once(daemon, 'exit')
    process.kill(await childOf(daemon), 'SIGKILL')
    await ended
  }

  /** Its machines are removed by itself first: their control groups are the kernel's, which has no namespace for them here. */
  async [Symbol.asyncDispose](): Promise<void> {
    const left = await this.docker('ps', '--all', '--quiet').catch(() => '')
    if (left !== '') await this.docker('rm', '--force', '--volumes', ...left.split('\n'))
    if (this.#home.exitCode === null && this.#home.signalCode === null) {
      const ended = once(this.#home, 'exit')
      process.kill(await childOf(this.#home), 'SIGKILL')
      await ended
    }
    await rm(this.folder, { recursive: true, force: true })
  }

  async #ready(): Promise<void> {
    const { stdout } = this.#home
    if (!stdout) throw new Error('it has no output')
    const [said] = (await Promise.race([once(stdout, 'data'), once(this.#home, 'exit')])) as [unknown]
    if (!(said instanceof Buffer)) throw new Error(`there are no namespaces to be had: ${String(said)}`)
  }
}

/** The one process that another one has started, by the kernel's own list. */
async function childOf({ pid }: ChildProcess): Promise<number> {
  const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
  if (!child) throw new Error(`process ${pid} has no child`)
  return Number(child)
}
