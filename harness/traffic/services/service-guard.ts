import { serviceNetwork } from '../../cluster/machine/machine-spec.ts'
import type { Machine } from '../../cluster/machine/machine.ts'

const table = 'holdfast_guard'

/** Runs after kube-proxy's own rules: what kube-proxy refuses is not dropped here. */
const script = [
  `table ip ${table} {`,
  ...['output', 'forward'].map(
    (hook) =>
      ` chain ${hook} { type filter hook ${hook} priority 10; policy accept; ip daddr ${serviceNetwork.cidr} counter drop; }`,
  ),
  '}',
].join('\n')

/**
 * Drops packets to Services' addresses that match no rule of kube-proxy. Elsewhere a router drops them; here they would leave
 * the cluster through the host's default route, and another host might answer.
 */
export async function guardServices(machines: readonly Machine[]): Promise<AsyncDisposable> {
  const nft = async (machine: Machine, command: string): Promise<void> => {
    const { exitCode, stderr } = await machine.call('exec', { argv: ['nft', command], timeoutMs: 10_000 })
    if (exitCode !== 0) throw new Error(`${machine.name}: nft: ${stderr}`)
  }
  await Promise.all(
    machines.map((machine) => nft(machine, `add table ip ${table}; delete table ip ${table}; ${script}`)),
  )
  return {
    [Symbol.asyncDispose]: async () => {
      const running = await Promise.all(machines.map((machine) => machine.running()))
      // A restarted machine has lost the table already.
      const remove = `add table ip ${table}; delete table ip ${table}`
      await Promise.all(machines.filter((_, n) => running[n]).map((machine) => nft(machine, remove)))
    },
  }
}
