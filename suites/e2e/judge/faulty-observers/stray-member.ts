import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { eventually } from '../../../../harness/common/eventually.ts'
import { revisionOf } from '../../../../harness/traffic/history/etcd-data.ts'
import type { EtcdStore } from '../../../../harness/traffic/history/etcd-store.ts'

const [data, pidFile, pki] = ['/tmp/stray-etcd', '/tmp/stray-etcd.pid', '/etc/etcd/pki']
const flags = [
  '--name=stray',
  `--data-dir=${data}`,
  '--force-new-cluster',
  '--listen-client-urls=https://127.0.0.1:2379',
  '--advertise-client-urls=https://127.0.0.1:2379',
  '--listen-peer-urls=http://127.0.0.1:12380',
  '--initial-advertise-peer-urls=http://127.0.0.1:12380',
  '--client-cert-auth',
  `--trusted-ca-file=${pki}/ca.crt`,
  `--cert-file=${pki}/server.crt`,
  `--key-file=${pki}/server.key`,
]

/**
 * Starts a single-member etcd with a copy of a stopped member's data in its place, until disposed. It answers with a history of
 * its own.
 */
export async function strayMember(store: EtcdStore, signal: AbortSignal): Promise<AsyncDisposable> {
  const { machine } = store
  await shell(machine, `rm -rf ${data} && cp -a /var/lib/etcd/data ${data}`)
  await shell(machine, `setsid etcd ${flags.join(' ')} </dev/null >/dev/null 2>&1 & echo $! > ${pidFile}`)
  const stop = async (): Promise<void> => {
    await shell(
      machine,
      `pid=$(cat ${pidFile}); kill -9 $pid; while kill -0 $pid 2>/dev/null; do sleep 0.05; done; rm -rf ${data} ${pidFile}`,
    )
  }
  try {
    const answers = async (): Promise<boolean> => (await revisionOf(store)) > 0
    await eventually('the stray member to answer', answers, { timeoutMs: 30_000, signal })
  } catch (error) {
    await stop()
    throw error
  }
  return { [Symbol.asyncDispose]: stop }
}

async function shell(machine: Machine, command: string): Promise<void> {
  const { exitCode, stderr } = await machine.call('exec', { argv: ['sh', '-c', command], timeoutMs: 10_000 })
  if (exitCode !== 0) throw new Error(`${command}: ${stderr}`)
}
