import { base64 } from '../../../common/base64.ts'
import { etcdRequestFrom } from '../../etcd.ts'
import { apiRequest } from '../../api/api-request.ts'
import { kubeconfig } from '../../api/kubeconfig.ts'
import { type ApiServer, apiServer } from '../../api/kubernetes.ts'
import type { Machine } from '../../machine/machine.ts'
import type { MachineSpec } from '../../machine/machine-spec.ts'
import type { Hold } from '../distribution.ts'
import type { Identities } from '../upstream/identities.ts'
import type { Entry } from './shared-secrets.ts'

const timeoutMs = 2_000

/**
 * k3s checks what it waits for every five seconds, and every ten at most with its jitter. A server ends when no etcd
 * answers, and waits for the data that the first server stores for all. An agent waits for a server that accepts Nodes,
 * which is a while after its API server is ready.
 */
export function holds(machines: readonly MachineSpec[], identities: Identities, shared: Entry): readonly Hold[] {
  const servers = machines.filter(({ role }) => role === 'control-plane')
  const [first] = servers
  const [etcd] = machines.filter(({ role }) => role === 'etcd')
  const agents = machines.filter(({ role }) => role === 'worker')
  if (!first || !etcd) throw new Error('a k3s cluster has a server and an etcd machine')
  return [
    {
      component: 'k3s-server',
      machines: servers.map(({ name }) => name),
      until: 'etcd to store what all servers share',
      open: async ({ machine }) => storeShared(await machine(etcd.name), shared),
    },
    {
      component: 'k3s-agent',
      machines: agents.map(({ name }) => name),
      until: `${first.name} to accept Nodes`,
      afterApiServer: true,
      open: acceptsNodes(first, agents[0], identities),
    },
  ]
}

async function storeShared(member: Machine, { key, value }: Entry): Promise<boolean> {
  await etcdRequestFrom(member, '/v3/kv/put', { key: base64(key), value: base64(value) }, { timeoutMs })
  return true
}

/** Requests the server's readiness as one of the agents. Always true in a cluster without agents. */
function acceptsNodes(first: MachineSpec, agent: MachineSpec | undefined, identities: Identities): Hold['open'] {
  const own = agent && identities.machines.get(agent.name)?.kubelet
  let asNode: ApiServer | undefined
  return async ({ url }) => {
    if (!own) return true
    const server = url(first.name)
    asNode ??= apiServer(first.name, server, kubeconfig(server, identities.clusterAuthority, own))
    return (await apiRequest(asNode, 'GET', '/v1-k3s/readyz', { timeoutMs })).status === 200
  }
}
