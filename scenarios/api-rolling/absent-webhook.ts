import { apiRequest } from '../../harness/cluster/api/api-request.ts'
import type { ScenarioContext } from '../../harness/run/scenario.ts'

const timeoutSeconds = 2
const names = { refusing: 'absent', silent: 'silent' } as const

/**
 * Registers webhooks without a backend for ServiceAccounts of the scenario's namespace, and creates ServiceAccounts there through each
 * API server. One backend refuses connections; packets to the other one get no answer.
 */
export async function useAbsentWebhook(context: ScenarioContext): Promise<void> {
  const { cluster, traffic, step } = context
  const { namespace } = traffic.workloads
  await backends(context)
  for (const service of Object.values(names)) {
    step(`register a webhook without a backend: Service ${service}`)
    const configuration = webhook(namespace, service)
    await traffic.workloads.apply(configuration)
    try {
      await reported(context, configuration.metadata.name)
      for (const [n, server] of cluster.kubernetes.servers.entries()) {
        const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: `${service}-${n}` } }
        const path = `/api/v1/namespaces/${namespace}/serviceaccounts?dryRun=All`
        await apiRequest(server, 'POST', path, { body, timeoutMs: 30_000 })
      }
    } finally {
      await cluster.kubernetes.delete(configuration)
    }
  }
}

function webhook(namespace: string, service: string) {
  return {
    apiVersion: 'admissionregistration.k8s.io/v1',
    kind: 'ValidatingWebhookConfiguration',
    metadata: { name: `${namespace}-${service}` },
    webhooks: [
      {
        name: `${service}.holdfast.test`,
        admissionReviewVersions: ['v1'],
        sideEffects: 'None',
        timeoutSeconds,
        clientConfig: { service: { namespace, name: service, port: 80 } },
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        rules: [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['serviceaccounts'] }],
      },
    ],
  }
}

/** A Service without an endpoint, and one whose endpoint is an unused address of a Node's pod network. */
async function backends({ traffic }: ScenarioContext): Promise<void> {
  const { namespace } = traffic.workloads
  const ports = [{ name: 'http', protocol: 'TCP', port: 80, targetPort: 8080 }]
  for (const name of Object.values(names)) {
    await traffic.workloads.apply({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace }, spec: { ports } })
  }
  const labels = {
    'kubernetes.io/service-name': names.silent,
    'endpointslice.kubernetes.io/managed-by': 'holdfast',
  }
  const { podRange = '' } = traffic.clientHost.spec
  const unused = podRange.replace(/\d+\/\d+$/, '250')
  await traffic.workloads.apply({
    apiVersion: 'discovery.k8s.io/v1',
    kind: 'EndpointSlice',
    metadata: { name: names.silent, namespace, labels },
    addressType: 'IPv4',
    ports: [{ name: 'http', protocol: 'TCP', port: 8080 }],
    endpoints: [{ addresses: [unused], conditions: { ready: true } }],
  })
}

/** Waits until each API server applies the configuration: it refuses a dry run that matches. */
async function reported({ cluster, traffic, until }: ScenarioContext, name: string): Promise<void> {
  const { namespace } = traffic.workloads
  const path = `/api/v1/namespaces/${namespace}/serviceaccounts?dryRun=All`
  const body = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name } }
  await until(
    `each API server to apply ${name}`,
    async () => {
      const answers = cluster.kubernetes.servers.map((server) =>
        apiRequest(server, 'POST', path, { body, timeoutMs: 30_000 }),
      )
      return (await Promise.all(answers)).every(({ status }) => status >= 500)
    },
    { timeoutMs: 30_000, intervalMs: 1_000 },
  )
}
