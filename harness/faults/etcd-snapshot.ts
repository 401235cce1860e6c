import { buffer } from 'node:stream/consumers'
import { engine } from '../cluster/engine.ts'
import type { Machine } from '../cluster/machine.ts'

const folder = '/var/lib/etcd'
const timeoutMs = 60_000
const credentials = [
  '--cacert=/etc/etcd/pki/ca.crt',
  '--cert=/etc/etcd/pki/client.crt',
  '--key=/etc/etcd/pki/client.key',
]

/** What etcd held at one moment, as `etcdctl snapshot save` writes it. */
export class EtcdSnapshot {
  /** The file's name, and the file in a tar as the engine takes it. */
  readonly #name: string
  readonly #archive: Buffer

  private constructor(name: string, archive: Buffer) {
    this.#name = name
    this.#archive = archive
  }

  /** @throws when the member does not serve */
  static async take(member: Machine): Promise<EtcdSnapshot> {
    const name = `holdfast-snapshot-${process.pid}-${performance.now().toFixed(0)}.db`
    const path = `${folder}/${name}`
    try {
      await run(member, ['etcdctl', ...credentials, 'snapshot', 'save', path])
      const docker = await engine()
      const archive = await docker.getContainer(member.containerId).getArchive({ path })
      return new EtcdSnapshot(name, await buffer(archive))
    } finally {
      await run(member, ['rm', '-f', path, `${path}.part`])
    }
  }

  /** Answers with its path in the machine. */
  async copyTo(member: Machine): Promise<string> {
    const docker = await engine()
    await docker.getContainer(member.containerId).putArchive(this.#archive, { path: folder })
    return `${folder}/${this.#name}`
  }
}

async function run(machine: Machine, argv: readonly string[]): Promise<void> {
  const { exitCode, stderr } = await machine.call('exec', { argv, timeoutMs })
  if (exitCode !== 0) throw new Error(`${argv[0]} on ${machine.name} ended with ${exitCode}: ${stderr.trim()}`)
}
