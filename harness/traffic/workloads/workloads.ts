import type {
  KubernetesObject,
  V1Deployment,
  V1Endpoint,
  V1EndpointSlice,
  V1Pod,
  V1Service,
  V1ServiceSpec,
} from '@kubernetes/client-node'
import { agnhostPod, agnhostServicePorts } from '../../cluster/agnhost.ts'
import type { Kubernetes } from '../../cluster/api/kubernetes.ts'
import { eventually } from '../../common/eventually.ts'
import { Waits } from '../waits.ts'
import { isReady } from './endpoints-follow.ts'
import { formatPodState } from './pod-state.ts'
import type { Addresses } from '../probes/probe-targets.ts'
import { usedPorts } from '../probes/used-ports.ts'

export interface DeployOptions {
  readonly replicas: number
  /** How long a pod serves after SIGTERM. */
  readonly slowStopSeconds?: number
  readonly graceSeconds?: number
  /** Its pods run and answer, and are never Ready. */
  readonly neverReady?: boolean
}

const defaultTimeoutMs = 180_000

/** The workloads of one scenario, in a namespace of its own. */
export class Workloads {
  readonly namespace: string
  readonly #kubernetes: Kubernetes
  readonly #signal: AbortSignal
  readonly #waits: Waits

  constructor(
    kubernetes: Kubernetes,
    namespace: string,
    signal: AbortSignal,
    waits = new Waits(() => undefined, signal),
  ) {
    this.#kubernetes = kubernetes
    this.namespace = namespace
    this.#signal = signal
    this.#waits = waits
  }

  async createNamespace(): Promise<void> {
    // A namespace of an earlier scenario may still be terminating.
    await eventually(
      `an earlier ${this.namespace} to be gone`,
      async () => !(await this.#isTerminating()),
      this.#waitOptions,
    )
    await this.#kubernetes.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } })
    await eventually(
      'the default service account',
      async () =>
        this.#kubernetes.read({
          apiVersion: 'v1',
          kind: 'ServiceAccount',
          metadata: { name: 'default', namespace: this.namespace },
        }),
      this.#waitOptions,
    )
  }

  /** Deletes the namespace and waits until no pod is left; the empty namespace ends a little later. */
  async remove(): Promise<void> {
    await this.#kubernetes.delete({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: this.namespace } })
    await eventually(
      `the pods of ${this.namespace} to be gone`,
      async () => {
        const left = await this.#kubernetes.list<V1Pod>('v1', 'Pod', this.namespace)
        if (left.length > 0) throw new Error(left.map(formatPodState).join('; '))
        return true
      },
      this.#waitOptions,
    )
  }

  async deployment(name: string, options: DeployOptions): Promise<void> {
    const labels = { app: name }
    await this.apply({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: this.namespace, labels },
      spec: {
        replicas: options.replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: agnhostPod(options) },
      },
    })
  }

  /** Creates a Service over TCP and UDP, with node ports if `type` has them, and returns its address. */
  async service(name: string, type: 'ClusterIP' | 'NodePort' = 'ClusterIP'): Promise<string> {
    return (await this.serviceOf(name, name, { type })).spec?.clusterIP ?? ''
  }

  /** The addresses and ports of any Service of the namespace. */
  async addresses(name: string): Promise<Addresses> {
    const { namespace } = this
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace } }
    const [{ spec = {} }, slices] = await Promise.all([this.#kubernetes.read<V1Service>(service), this.#slices(name)])
    return { namespace, name, clusterIp: spec.clusterIP ?? '', ...usedPorts(name, spec, slices) }
  }

  /** How many pods the Service's slices list as ready. */
  async readyBackends(service: string): Promise<number> {
    const ready = (await this.#endpoints(service)).filter(({ conditions }) => conditions?.ready)
    return new Set(ready.map(({ targetRef, addresses }) => targetRef?.name ?? addresses[0])).size
  }

  /** Creates a Service of any type for a Deployment, and returns it as the API server has completed it. */
  async serviceOf(name: string, app: string, spec: Omit<V1ServiceSpec, 'selector' | 'ports'>): Promise<V1Service> {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: this.namespace } }
    await this.apply({ ...service, spec: { ...spec, selector: { app }, ports: agnhostServicePorts } })
    return this.#kubernetes.read<V1Service>(service)
  }

  async removeService(name: string): Promise<void> {
    await this.#kubernetes.delete({ apiVersion: 'v1', kind: 'Service', metadata: { name, namespace: this.namespace } })
  }

  async disruptionBudget(name: string, minAvailable: number): Promise<void> {
    await this.apply({
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name, namespace: this.namespace },
      spec: { minAvailable, selector: { matchLabels: { app: name } } },
    })
  }

  /** Creates an idle pod to probe from, and waits until it is Ready. */
  async client(name: string, nodeName: string): Promise<void> {
    const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: this.namespace } }
    const spec = { ...agnhostPod(), nodeName }
    await this.apply({ ...pod, spec })
    await eventually(
      `pod ${name} to be Ready`,
      async () => {
        const seen = await this.#kubernetes.read<V1Pod>(pod)
        if (!isReady(seen)) throw new Error(formatPodState(seen))
        return true
      },
      this.#waitOptions,
    )
  }

  async scale(name: string, replicas: number): Promise<void> {
    await this.#kubernetes.merge({
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name, namespace: this.namespace },
      spec: { replicas },
    } as KubernetesObject)
  }

  /** Waits until the controller has observed the last change and exactly the wanted pods are up to date and available. */
  async rolloutComplete(name: string): Promise<void> {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name, namespace: this.namespace } }
    await this.#waits.until(
      `the rollout of Deployment ${name} to complete`,
      async () => {
        const { metadata, spec, status } = await this.#kubernetes.read<V1Deployment>(deployment)
        const { replicas = 0, availableReplicas = 0, updatedReplicas = 0, observedGeneration = 0 } = status ?? {}
        const wanted = spec?.replicas ?? 0
        if (observedGeneration < (metadata?.generation ?? 0))
          throw new Error('the controller has not observed the change')
        if (availableReplicas !== wanted || replicas !== wanted || updatedReplicas !== wanted) {
          const seen = `${availableReplicas} of ${wanted} are available, ${replicas} exist`
          throw new Error(`${seen}${await this.#waitingPods(name)}`)
        }
        // The status may not yet count pods that were just lost.
        const ready = (await this.#podsOf(spec?.selector.matchLabels ?? {})).filter(isReady).length
        if (ready !== wanted) throw new Error(`${ready} of ${wanted} are Ready${await this.#waitingPods(name)}`)
        return true
      },
      { timeoutMs: defaultTimeoutMs },
    )
  }

  /** Descriptions of pods with a waiting container, such as a failed image pull. */
  async #waitingPods(name: string): Promise<string> {
    const waiting = (await this.pods(name)).map(formatPodState).filter((text) => text.includes(' waits: '))
    return waiting.map((text) => `; ${text}`).join('')
  }

  /** Its pods, without those that are being deleted. */
  pods(name: string): Promise<V1Pod[]> {
    return this.#podsOf({ app: name })
  }

  async #podsOf(labels: Readonly<Record<string, string>>): Promise<V1Pod[]> {
    const selector = Object.entries(labels).map(([key, value]) => `${key}=${value}`)
    const pods = await this.#kubernetes.list<V1Pod>('v1', 'Pod', this.namespace, selector.join(','))
    return pods.filter(({ metadata }) => metadata?.deletionTimestamp === undefined)
  }

  /** The Node of the Deployment's first pod, once that runs there. */
  async nodeOf(name: string): Promise<string> {
    const running = await this.#waits.until(
      `a pod of ${name} to run`,
      async () => (await this.pods(name)).find(({ status }) => status?.phase === 'Running'),
      { timeoutMs: defaultTimeoutMs },
    )
    const node = running?.spec?.nodeName
    if (node === undefined) throw new Error(`no pod of ${name} runs`)
    return node
  }

  async isAnyReady(name: string): Promise<boolean> {
    return (await this.pods(name)).some(isReady)
  }

  /** The slices list no ready endpoint of the Service on that Node. */
  async noReadyEndpointOn(service: string, node: string): Promise<boolean> {
    const endpoints = await this.#endpoints(service)
    return !endpoints.some(({ nodeName, conditions }) => nodeName === node && conditions?.ready)
  }

  async removePod(name: string): Promise<void> {
    await this.#kubernetes.delete({ apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: this.namespace } })
  }

  /** The pods that the Service's slices list. */
  async endpointPods(service: string): Promise<string[]> {
    return (await this.#endpoints(service)).flatMap(({ targetRef }) => targetRef?.name ?? [])
  }

  /** The Node of an endpoint that is terminating and still serves. */
  async terminatingEndpoint(service: string): Promise<string | undefined> {
    const endpoints = await this.#endpoints(service)
    return endpoints.find(({ conditions }) => conditions?.terminating && conditions.serving)?.nodeName
  }

  async #endpoints(service: string): Promise<V1Endpoint[]> {
    return (await this.#slices(service)).flatMap(({ endpoints }) => endpoints ?? [])
  }

  #slices(service: string): Promise<V1EndpointSlice[]> {
    const selector = `kubernetes.io/service-name=${service}`
    return this.#kubernetes.list<V1EndpointSlice>('discovery.k8s.io/v1', 'EndpointSlice', this.namespace, selector)
  }

  async #isTerminating(): Promise<boolean> {
    const namespaces = await this.#kubernetes.list('v1', 'Namespace')
    return namespaces.some(
      ({ metadata }) => metadata?.name === this.namespace && metadata.deletionTimestamp !== undefined,
    )
  }

  /** Creates an object, or changes it to this. */
  async apply(object: KubernetesObject & Record<string, unknown>): Promise<void> {
    await this.#kubernetes.apply(object)
  }

  get #waitOptions(): { timeoutMs: number; signal: AbortSignal } {
    return { timeoutMs: defaultTimeoutMs, signal: this.#signal }
  }
}
