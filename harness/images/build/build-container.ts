import { randomUUID } from 'node:crypto'
import { PassThrough, type Readable } from 'node:stream'
import type Docker from 'dockerode'
import { buildContainerPrefix } from './build-context.ts'
import { readLines } from '../../common/lines.ts'
import { OutputTail } from '../../host/run-command.ts'

/** For a container in which containerd unpacks images, which needs mounts. A privileged one would need a special runtime on some hosts. */
export const mayUnpack: Docker.HostConfig = {
  NetworkMode: 'none',
  CapAdd: ['SYS_ADMIN'],
  SecurityOpt: ['seccomp=unconfined', 'apparmor=unconfined'],
  Tmpfs: { '/run': '' },
}

/** A container of a build. It is removed with its anonymous volumes when it goes out of scope. */
export class BuildContainer implements AsyncDisposable {
  readonly container: Docker.Container
  readonly #signal: AbortSignal | undefined

  private constructor(container: Docker.Container, signal: AbortSignal | undefined) {
    this.container = container
    this.#signal = signal
  }

  static async create(
    docker: Docker,
    options: Docker.ContainerCreateOptions,
    signal?: AbortSignal,
  ): Promise<BuildContainer> {
    signal?.throwIfAborted()
    const name = `${buildContainerPrefix}${randomUUID().slice(0, 8)}`
    return new BuildContainer(await docker.createContainer({ name, ...options }), signal)
  }

  /** Unpacks an archive into an existing folder of the container. */
  async put(archive: Readable, path: string): Promise<void> {
    await this.container.putArchive(archive, { path, ...(this.#signal && { abortSignal: this.#signal }) })
  }

  /** Returns a folder of the container as a tar stream. Its entries begin with the folder's name. */
  async get(path: string): Promise<Readable> {
    return (await this.container.getArchive({ path })) as Readable
  }

  /** Runs the container to its end. Returns its exit code and its last lines of output. */
  async run(onLine: (line: string) => void): Promise<{ exitCode: number; tail: string }> {
    const tail = new OutputTail(onLine)
    const output = await this.container.attach({ stream: true, stdout: true, stderr: true })
    const sink = new PassThrough()
    const lines = readLines(sink, tail.take)
    this.container.modem.demuxStream(output, sink, sink)
    const stop = (): void => void this.container.kill().catch(() => undefined)
    this.#signal?.addEventListener('abort', stop, { once: true })
    try {
      await this.container.start()
      const ended = (await this.container.wait()) as { StatusCode: number }
      this.#signal?.throwIfAborted()
      sink.end()
      await lines
      return { exitCode: ended.StatusCode, tail: String(tail) }
    } finally {
      this.#signal?.removeEventListener('abort', stop)
    }
  }

  /** Commits the container's file system as an image. */
  async commit(reference: string, labels: Readonly<Record<string, string>>): Promise<void> {
    const [repo, tag] = [
      reference.slice(0, reference.lastIndexOf(':')),
      reference.slice(reference.lastIndexOf(':') + 1),
    ]
    const changes = Object.entries(labels).map(([name, value]) => `LABEL ${name}=${JSON.stringify(value)}`)
    await this.container.commit({ repo, tag, pause: false, ...(changes.length > 0 && { changes: changes.join('\n') }) })
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.container.remove({ force: true, v: true }).catch(() => undefined)
  }
}

/** Removes containers of killed builds. Call it only while holding the build lock. */
export async function removeBuildLeftovers(docker: Docker): Promise<string[]> {
  const found = await docker.listContainers({ all: true, filters: { name: [`^/${buildContainerPrefix}`] } })
  for (const { Id } of found)
    await docker
      .getContainer(Id)
      .remove({ force: true, v: true })
      .catch(() => undefined)
  return found.map(({ Names, Id }) => Names[0]?.slice(1) ?? Id)
}
