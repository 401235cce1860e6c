import type { V1Pod } from '@kubernetes/client-node'
import { errorMessage } from '../../../../harness/common/error-message.mjs'
import { agnhostPorts } from '../../../../harness/cluster/agnhost.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import { oneWay } from '../../../../harness/faults/network/grudges.ts'
import { Workloads } from '../../../../harness/traffic/workloads/workloads.ts'
import { type OwnCluster, ownCluster } from '../../../../harness/vitest/own-cluster.ts'
import { BreakableCluster } from '../breakable-cluster.ts'

export type Place = 'worker' | 'master'

interface Attempt {
  readonly answered: boolean
  readonly ms: number
  readonly detail: string
}

const namespace = 'faults-network'
const pods = { worker: 'on-worker', master: 'on-master' } as const

/**
 * Two pods with web servers, on a worker and on a control-plane machine. Their requests to each other confirm faults
 * independently of the faults' rules.
 */
export class PodPair extends BreakableCluster {
  readonly workloads: Workloads
  readonly #addresses = new Map<Place, string>()

  private constructor(own: OwnCluster, signal: AbortSignal) {
    super(own, signal)
    this.workloads = new Workloads(own.cluster.kubernetes, namespace, signal)
  }

  static async boot(signal: AbortSignal): Promise<PodPair> {
    const pair = new PodPair(await ownCluster('single', { signal }), signal)
    await pair.workloads.createNamespace()
    await Promise.all((['worker', 'master'] as const).map((place) => pair.#place(place)))
    await pair.recordBaseline()
    return pair
  }

  async #place(place: Place): Promise<void> {
    await this.workloads.client(pods[place], this.machine(place).name)
    const { status } = await this.own.cluster.kubernetes.read<V1Pod>({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { namespace, name: pods[place] },
    })
    this.#addresses.set(place, status?.podIP ?? '')
    await this.machine(place).call('enterPod', { namespace, pod: pods[place] })
  }

  machine(place: Place): Machine {
    const [found] = place === 'worker' ? this.own.cluster.workers : this.own.cluster.controlPlane
    if (!found) throw new Error(`the cluster has no ${place}`)
    return found
  }

  pod(place: Place): { readonly namespace: string; readonly name: string; readonly address: string } {
    return { namespace, name: pods[place], address: this.#addresses.get(place) ?? '' }
  }

  get wayThere() {
    return oneWay([this.machine('worker')], [this.machine('master')])
  }

  podUrl(place: Place, path = '/hostname'): string {
    return `http://${this.pod(place).address}:${agnhostPorts.tcp}${path}`
  }

  /** URL of kube-proxy's health check on the machines' network. */
  hostUrl(place: Place): string {
    return `http://${this.machine(place).spec.address}:10256/healthz`
  }

  /** Makes one request from the machine, or from its pod. */
  async attempt(from: Place, url: string, options: { pod?: boolean; timeoutMs?: number } = {}): Promise<Attempt> {
    const { pod = false, timeoutMs = 1_000 } = options
    const params = { url, method: 'GET', timeoutMs } as const
    const began = performance.now()
    const ms = (): number => performance.now() - began
    try {
      const { status } = pod
        ? await this.machine(from).callInPod(this.pod(from), 'http', params)
        : await this.machine(from).call('http', params)
      return { answered: true, ms: ms(), detail: String(status) }
    } catch (error) {
      return { answered: false, ms: ms(), detail: errorMessage(error) }
    }
  }

  /** Makes requests over new connections from the worker's pod to the master's. */
  drawn(protocol: 'tcp' | 'udp', attempts: number) {
    const { name, address } = this.pod('master')
    return this.machine('worker').callInPod(this.pod('worker'), 'sample', {
      from: this.pod('worker').name,
      service: name,
      protocol,
      address,
      port: agnhostPorts[protocol],
      attempts,
      concurrency: 20,
      timeoutMs: 2_000,
    })
  }

  /** Runs a shell command in a pod's network and returns its output. */
  async inPod(place: Place, command: string, timeoutMs = 10_000): Promise<string> {
    const argv = ['sh', '-c', command]
    return (await this.machine(place).callInPod(this.pod(place), 'exec', { argv, timeoutMs })).stdout
  }

  async onMachine(machine: Machine, command: string): Promise<string> {
    return (await machine.call('exec', { argv: ['sh', '-c', command], timeoutMs: 10_000 })).stdout.trim()
  }
}
