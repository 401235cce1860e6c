import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { $ } from '../../../../harness/host/shell.ts'
import { eventually } from '../../../../harness/common/eventually.ts'
import { withRuntime } from '../../../../harness/host/engine/runtime.mjs'
import { imageStatus } from '../../../../harness/images/cache/status.ts'

const waitOptions = { timeoutMs: 60_000, intervalMs: 50 }
const namespaces = ['--net', '--mount', '--pid', '--fork', '--kill-child', '--mount-proc']
/** The first process of the namespaces: it reaps orphaned processes. */
const home = 'ip link set lo up && mount -t tmpfs holdfast "$1" && echo ready && while sleep 3600; do :; done'

/**
 * A Docker engine for one test, which may kill it: with its own data, processes, mounts and network, apart from the host's engine.
 * Its namespaces end with the test, and with them all its mounts and processes.
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

  /** Whether Docker is installed here and this user may create namespaces. */
  static possible(): boolean {
    const here = (process.env['PATH'] ?? '').split(':').some((folder) => existsSync(join(folder, 'dockerd')))
    return here && process.getuid?.() === 0
  }

  /** Starts an engine that has the machine image. */
  static async start(): Promise<OwnEngine> {
    const engine = await OwnEngine.startEmpty()
    try {
      const { reference } = await imageStatus()
      await $`docker save ${reference} | docker --host ${engine.host} load`
      return engine
    } catch (error) {
      await engine[Symbol.asyncDispose]()
      throw error
    }
  }

  /** Starts an engine without images. */
  static async startEmpty(): Promise<OwnEngine> {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-engine-'))
    await mkdir(join(folder, 'data'))
    // Only the settings that machines need: the host engine's other settings may not suit a second engine.
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

  /** Environment with which a program uses this engine. */
  get environment(): NodeJS.ProcessEnv {
    return { ...process.env, DOCKER_HOST: this.host }
  }

  /** Returns a command that runs in the engine's network namespace, or in the namespaces of `which`. */
  async within(argv: readonly string[], which: readonly string[] = ['--net']): Promise<[string, string[]]> {
    return ['nsenter', [`--target=${await childOf(this.#home)}`, ...which, ...argv]]
  }

  async docker(...args: string[]): Promise<string> {
    return (await $`docker --host ${this.host} ${args}`).stdout.trim()
  }

  async launch(): Promise<void> {
    const at = (name: string): string => join(this.folder, name)
    // Pid files of a killed engine prevent the next start.
    for (const left of ['docker.pid', 'exec/containerd/containerd.pid']) await rm(at(left), { force: true })
    const settings = [`--config-file=${at('daemon.json')}`, `--host=${this.host}`]
    const places = [`--data-root=${at('data')}`, `--exec-root=${at('exec')}`, `--pidfile=${at('docker.pid')}`]
    const all = ['--net', '--mount', '--pid']
    const [command, argv] = await this.within(['dockerd', ...settings, ...places], all)
    // Only the last lines of the log matter if the engine does not start.
    this.#daemon = spawn(command, argv, { stdio: ['ignore', 'ignore', 'pipe'] })
    let log = ''
    this.#daemon.stderr?.on('data', (chunk: Buffer) => (log = (log + chunk.toString()).slice(-2_000)))
    const answers = async (): Promise<boolean> => {
      await this.docker('version').catch((error: unknown) => Promise.reject(new Error(log, { cause: error })))
      return true
    }
    await eventually('the engine to answer', answers, waitOptions)
  }

  /** Kills only the engine with SIGKILL: its containerd ends by itself, its machines continue. */
  async kill(): Promise<void> {
    const daemon = this.#daemon
    if (!daemon) throw new Error('the engine does not run')
    const ended = once(daemon, 'exit')
    process.kill(await childOf(daemon), 'SIGKILL')
    await ended
  }

  /** The engine removes its machines first: their control groups are in no namespace here. */
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
    if (!stdout) throw new Error('the namespaces have no output')
    const [first] = (await Promise.race([once(stdout, 'data'), once(this.#home, 'exit')])) as [unknown]
    if (!(first instanceof Buffer)) throw new Error(`unshare failed to create the namespaces: ${String(first)}`)
  }
}

/** Returns the only child of a process. */
async function childOf({ pid }: ChildProcess): Promise<number> {
  const [child] = (await readFile(`/proc/${pid}/task/${pid}/children`, 'utf8')).trim().split(' ')
  if (!child) throw new Error(`process ${pid} has no child`)
  return Number(child)
}
