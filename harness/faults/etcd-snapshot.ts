import { stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { unlessAbsent } from '../cluster/agent/absence.ts'
import { engine } from '../cluster/engine.ts'
import type { Machine } from '../cluster/machine.ts'
import { inTime } from '../in-time.ts'
import { tarOf } from '../images/tar.ts'

const folder = '/var/lib/etcd'
const timeoutMs = 60_000
const credentials = [
  '--cacert=/etc/etcd/pki/ca.crt',
  '--cert=/etc/etcd/pki/client.crt',
  '--key=/etc/etcd/pki/client.key',
]

/** What etcd held at one moment, as `etcdctl snapshot save` writes it. */
export class EtcdSnapshot {
  /** What the file is called in a machine, and the file in a tar as the engine takes it. */
  readonly #name: string
  readonly #archive: () => Promise<Buffer>
  /** The file, where it is one of a person's. */
  readonly #file: string | undefined

  private constructor(name: string, archive: () => Promise<Buffer>, file?: string) {
    this.#name = name
    this.#archive = archive
    this.#file = file
  }

  /** @throws when the member does not serve */
  static async take(member: Machine): Promise<EtcdSnapshot> {
    const name = nameOfOurs()
    const path = `${folder}/${name}`
    try {
      await run(member, ['etcdctl', ...credentials, 'snapshot', 'save', path])
      const docker = await engine()
      const archive = await inTime(`${member.name} did not give its snapshot`, { withinMs: timeoutMs }, async () =>
        buffer(await docker.getContainer(member.containerId).getArchive({ path })),
      )
      return new EtcdSnapshot(name, () => Promise.resolve(archive))
    } finally {
      await run(member, ['rm', '-f', path, `${path}.part`])
    }
  }

  /** One that lies in a file here; it is read when it is needed. */
  static from(file: string): EtcdSnapshot {
    const name = nameOfOurs()
    return new EtcdSnapshot(name, () => buffer(tarOf([{ kind: 'file', path: name, from: file, mode: 0o600 }])), file)
  }

  /** Why it can't be restored, or undefined. */
  async lacking(): Promise<string | undefined> {
    if (this.#file === undefined) return undefined
    const found = await unlessAbsent(stat(this.#file))
    return found?.isFile() ? undefined : `there is no file ${this.#file}`
  }

  /** Answers with its path in the machine. */
  async copyTo(member: Machine): Promise<string> {
    const docker = await engine()
    const archive = await this.#archive()
    await inTime(`${member.name} did not take the snapshot`, { withinMs: timeoutMs }, (abortSignal) =>
      docker.getContainer(member.containerId).putArchive(archive, { path: folder, abortSignal }),
    )
    return `${folder}/${this.#name}`
  }
}

const nameOfOurs = (): string => `holdfast-snapshot-${process.pid}-${performance.now().toFixed(0)}.db`

async function run(machine: Machine, argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await machine.call('exec', { argv, timeoutMs })
  if (exitCode !== 0) throw new Error(`${argv[0]} on ${machine.name} ended with ${exitCode}: ${stderr.trim()}`)
}
