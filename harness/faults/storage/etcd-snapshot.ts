import { stat } from 'node:fs/promises'
import { buffer } from 'node:stream/consumers'
import { etcdctlCredentials } from '../../cluster/etcd.ts'
import { unlessAbsent } from '../../agent/ttl/absence.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import { engine } from '../../cluster/machine/engine.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { inTime } from '../../common/in-time.ts'
import { tarOf } from '../../images/cache/tar.ts'

const folder = '/var/lib/etcd'
const timeoutMs = 60_000

/** A snapshot of etcd in the format of `etcdctl snapshot save`. */
export class EtcdSnapshot {
  /** Name of the file in a machine, and the tar archive that contains it. */
  readonly #name: string
  readonly #archive: () => Promise<Buffer>
  /** Path on this host, for a snapshot of the user. */
  readonly #file: string | undefined

  private constructor(name: string, archive: () => Promise<Buffer>, file?: string) {
    this.#name = name
    this.#archive = archive
    this.#file = file
  }

  /** Takes a snapshot of the first member. @throws when it does not serve */
  static async take({ etcd: [member] }: Cluster): Promise<EtcdSnapshot> {
    if (!member) throw new Error('there is no etcd member')
    const name = snapshotName()
    const path = `${folder}/${name}`
    try {
      await run(member, ['etcdctl', ...etcdctlCredentials, 'snapshot', 'save', path])
      const docker = await engine()
      const archive = await inTime(`${member.name} did not return its snapshot`, { withinMs: timeoutMs }, async () =>
        buffer(await docker.getContainer(member.containerId).getArchive({ path })),
      )
      return new EtcdSnapshot(name, () => Promise.resolve(archive))
    } finally {
      await run(member, ['rm', '-f', path, `${path}.part`])
    }
  }

  /** A snapshot in a file on this host; it is read when it is restored. */
  static from(file: string): EtcdSnapshot {
    const name = snapshotName()
    return new EtcdSnapshot(name, () => buffer(tarOf([{ kind: 'file', path: name, from: file, mode: 0o600 }])), file)
  }

  /** Why the snapshot can't be restored, or undefined. */
  async lacking(): Promise<string | undefined> {
    if (this.#file === undefined) return undefined
    const found = await unlessAbsent(stat(this.#file))
    return found?.isFile() ? undefined : `there is no file ${this.#file}`
  }

  /** Copies the snapshot into a machine; returns its path there. */
  async copyTo(member: Machine): Promise<string> {
    const docker = await engine()
    const archive = await this.#archive()
    await inTime(`${member.name} did not accept the snapshot`, { withinMs: timeoutMs }, (abortSignal) =>
      docker.getContainer(member.containerId).putArchive(archive, { path: folder, abortSignal }),
    )
    return `${folder}/${this.#name}`
  }
}

const snapshotName = (): string => `holdfast-snapshot-${process.pid}-${performance.now().toFixed(0)}.db`

async function run(machine: Machine, argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await machine.call('exec', { argv, timeoutMs })
  if (exitCode !== 0) throw new Error(`${argv[0]} on ${machine.name} exited with ${exitCode}: ${stderr.trim()}`)
}
