import type { V1Lease, V1Node } from '@kubernetes/client-node'
import { eventually } from '../../common/eventually.ts'
import { serviceNetwork } from '../machine/machine-spec.ts'
import type { BootContext } from './boot-context.ts'
import type { BootOptions } from './boot-options.ts'
import { roundTrips } from './round-trips.ts'

/**
 * Waits for the facts that make a cluster ready: Nodes Ready, names resolved on every Node, a pod that reaches a pod on
 * another machine, and a Service that answers on every Node. Log lines prove nothing. The elections are awaited separately:
 * what follows from them starts as soon as they are held.
 */
export async function ready(context: BootContext): Promise<void> {
  await Promise.all([nodesReady(context), roundTrips(context), namesResolve(context)])
}

/** Waits until every election has a holder. */
export async function leasesHeld(
  { kubernetes, withinMs, signal, seen }: BootContext,
  { schedulerLeaderElection }: Pick<BootOptions, 'schedulerLeaderElection'>,
): Promise<void> {
  const elections = ['kube-controller-manager', ...(schedulerLeaderElection ? ['kube-scheduler'] : [])]
  await Promise.all(
    elections.map(async (name) => {
      await eventually(
        `a holder of the Lease ${name}`,
        async () => {
          const lease = await kubernetes.read<V1Lease>({
            apiVersion: 'coordination.k8s.io/v1',
            kind: 'Lease',
            metadata: { name, namespace: 'kube-system' },
          })
          return Boolean(lease.spec?.holderIdentity)
        },
        { timeoutMs: withinMs, signal, intervalMs: 100 },
      )
      seen(`${name} leads`)
    }),
  )
}

async function nodesReady({ kubernetes, machines, withinMs, signal, seen }: BootContext): Promise<void> {
  const expected = machines.filter(({ node }) => node).length
  await eventually(
    `${expected} Nodes to be Ready`,
    async () => {
      const nodes = await kubernetes.list<V1Node>('v1', 'Node')
      const ready = nodes.filter(({ status }) =>
        status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True'),
      )
      if (ready.length < expected) throw new Error(`${ready.length} of ${expected} Nodes are Ready`)
      return true
    },
    { timeoutMs: withinMs, signal, intervalMs: 100 },
  )
  seen(`${expected} Nodes are Ready`)
}

async function namesResolve({ machines, withinMs, signal, seen }: BootContext): Promise<void> {
  await Promise.all(
    machines
      .filter(({ node }) => node)
      .map((machine) =>
        eventually(
          `DNS on ${machine.name}`,
          async () => {
            const { addresses } = await machine.call('resolve', {
              server: serviceNetwork.dns,
              name: 'kubernetes.default.svc.cluster.local',
              timeoutMs: 500,
            })
            return addresses.includes(serviceNetwork.apiServer)
          },
          { timeoutMs: withinMs, signal, intervalMs: 100 },
        ),
      ),
  )
  seen('DNS answers on every Node')
}
