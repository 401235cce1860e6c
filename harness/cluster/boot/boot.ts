import { HoldfastError } from '../../common/errors.ts'
import { eventually, type Patience } from '../../common/eventually.ts'
import { now } from '../../record/clock.ts'
import { agentFiles } from '../machine/agent-bundle.ts'
import { apiRequest } from '../api/api-request.ts'
import type { Event } from '../../agent/rpc/protocol.ts'
import { Cluster } from '../cluster.ts'
import { nodeObject, systemObjects } from '../observe/cluster-objects.ts'
import { afterApiServer, componentsOf } from '../components.ts'
import { diagnose } from './diagnose.ts'
import type { ClusterOptions, Distribution, Hold, PreparedCluster, Starting } from '../distribution/distribution.ts'
import { engine, machineRuntime } from '../machine/engine.ts'
import { freePort } from '../machine/free-port.ts'
import { answerText, explained } from '../api/api-answer.ts'
import { apiServer, Kubernetes } from '../api/kubernetes.ts'
import type { Machine } from '../machine/machine.ts'
import { isNode, type MachineSpec } from '../machine/machine-spec.ts'
import { awaited, evenOut, untilThen } from './precedence.ts'
import { checksGone, leasesHeld, ready, type ReadinessContext } from './readiness.ts'
import { planned as plannedMachines, spareOf } from '../machine/spare.ts'
import { isStandby, startStandbys } from './standbys.ts'
import { startMachine } from '../machine/start-machine.ts'
import { startNetworks } from '../machine/subnets.ts'
import type { Topology } from '../topology.ts'

export interface BootOptions extends ClusterOptions {
  /** Part of every Docker object's name, and the value of its label. */
  readonly run: string
  /** The run's own folder. */
  readonly folder: string
  readonly topology: Topology
  readonly distribution: Distribution
  readonly signal: AbortSignal
  /** Time limit for each fact. Default: two minutes. */
  readonly withinMs?: number
  readonly onEvent: (event: Event) => void
  /** Called as the boot goes on: what was reached, and milliseconds since it began. */
  readonly progress: (what: string, ms: number) => void
  /** Called with the machines when the boot fails, before anything is removed. */
  readonly onFailure: (machines: readonly Machine[]) => Promise<void>
}

export interface Booted {
  readonly cluster: Cluster
  readonly bootMs: number
  /** For users: one kubeconfig for each API server, by its machine's name. */
  readonly kubeconfigs: ReadonlyMap<string, string>
}

/** Nothing in a healthy boot takes nearly as long; the last observed state distinguishes a slow host from a broken one. */
const defaultWithinMs = 120_000

/**
 * Boots a cluster from nothing until its facts show that it is ready.
 * @throws HoldfastError HF_BOOT with the last lines of the component that failed
 */
export async function boot(options: BootOptions): Promise<Booted> {
  const began = now()
  const { withinMs = defaultWithinMs } = options
  // The first fact that does not come true ends all other waits.
  const failed = new AbortController()
  const signal = AbortSignal.any([options.signal, failed.signal])
  const seen = (what: string): void => options.progress(what, now() - began)
  const machines: Machine[] = []
  try {
    const docker = await engine()
    const [runtime, networks, agent] = await Promise.all([machineRuntime(docker), startNetworks(options), agentFiles()])
    const { booted: planned, spare } = plannedMachines(options.topology, networks.subnets, options.distribution)
    const prepared = await options.distribution.prepare([...planned, spare], options)
    const ports = new Map<string, number>()
    for (const { name, role } of planned) if (role === 'control-plane') ports.set(name, await freePort())

    const first = awaited(planned)
    const started = new Map(planned.map(({ name }) => [name, Promise.withResolvers<Machine>()]))
    const start = async (spec: MachineSpec): Promise<void> => {
      const port = ports.get(spec.name)
      const machine = await startMachine(spec, {
        run: options.run,
        folder: options.folder,
        parts: prepared.machine(spec),
        docker,
        runtime,
        agent: agent(spec),
        cluster: networks.cluster,
        peers: networks.peers,
        onEvent: options.onEvent,
        ...(first.includes(spec) ? {} : untilThen),
        ...(port ? { publish: { container: 6443, host: port } } : {}),
      })
      machines.push(machine)
      started.get(spec.name)?.resolve(machine)
    }
    const startAll = async (): Promise<void> => {
      await Promise.all(first.map(start))
      await Promise.all(planned.filter((spec) => !first.includes(spec)).map(start))
      machines.sort((a, b) => a.spec.index - b.spec.index)
      seen(`${machines.length} machines started`)
    }

    const kubeconfigs = adminKubeconfigs(ports, prepared)
    const kubernetes = new Kubernetes(
      [...kubeconfigs].map(([name, text]) => apiServer(name, `https://127.0.0.1:${ports.get(name)}`, text)),
    )
    const elections = ['kube-controller-manager', ...(options.schedulerLeaderElection ? ['kube-scheduler'] : [])]
    const context = { kubernetes, machines, elections, withinMs, signal, seen }
    const starting: Starting = {
      machine: async (name) => started.get(name)?.promise ?? Promise.reject(new Error(`no machine ${name}`)),
      url: (name) => `https://127.0.0.1:${ports.get(name)}`,
    }
    const firstReady = Promise.withResolvers<void>()
    const held = (prepared.holds ?? []).map((hold) => {
      // The spare machine is held back too, and joins later.
      const names = hold.machines.filter((name) => started.has(name))
      return release({ ...hold, machines: names }, starting, context, firstReady.promise)
    })
    const everyMs = prepared.askEveryMs
    const patience = { withinMs, signal, ...(everyMs ? { everyMs } : {}) }
    const answering = async (): Promise<void> =>
      apiServersReady(kubernetes, patience, async (server) => {
        seen('the first API server is ready')
        firstReady.resolve()
        await Promise.all([
          evenOut(docker, machines, first),
          ...[...planned.filter(isNode).map(nodeObject), ...(prepared.objects ?? []), ...systemObjects()].map(
            (object) => server.apply(object),
          ),
          ...machines.map((machine) => startTheRest(machine, machines)),
        ])
      })
    await Promise.all([startAll().then(answering), ...held])
    seen('every API server is ready')
    await Promise.all([ready(context), leasesHeld(context).then(() => startStandbys(context))])
    const bootMs = now() - began
    seen('everything is ready')
    await checksGone(context)
    return {
      cluster: new Cluster({ ...options, kubernetes, machines, spare: spareOf(spare, prepared) }),
      bootMs,
      kubeconfigs,
    }
  } catch (cause) {
    failed.abort()
    if (options.signal.aborted) throw cause
    const guilty = await diagnose(machines)
    await options.onFailure(machines)
    throw new HoldfastError('HF_BOOT', `The cluster did not start: ${explained(cause)}${guilty ? `\n${guilty}` : ''}`, {
      hint: "Every machine's logs are in the run's folder, under logs/.",
      cause,
    })
  }
}

/** Starts the components that were held back once they are useful. */
async function release(
  { component, machines: names, until, open, afterApiServer = false }: Hold,
  starting: Starting,
  { withinMs, signal, seen }: Pick<ReadinessContext, 'withinMs' | 'signal' | 'seen'>,
  firstReady: Promise<void>,
): Promise<void> {
  if (names.length === 0) return
  if (afterApiServer) await firstReady
  await eventually(until, () => open(starting), { withinMs, signal, everyMs: 100 })
  await Promise.all(names.map(async (name) => (await starting.machine(name)).call('start', { component })))
  seen(`held-back ${component} is started`)
}

/** Starts the components that have waited for an API server. */
async function startTheRest(machine: Machine, machines: readonly Machine[]): Promise<void> {
  const components = componentsOf(machine.spec).filter(
    (component) => afterApiServer.includes(component) && !isStandby(component, machine.spec, machines),
  )
  await Promise.all(components.map((component) => machine.call('start', { component })))
}

/** The first ready API server is used at once, by itself; the others may follow. */
async function apiServersReady(
  { servers }: Kubernetes,
  patience: Patience,
  onFirst: (first: Kubernetes) => Promise<void>,
): Promise<void> {
  const all = servers.map(async (server) => {
    await eventually(
      `/readyz of the API server on ${server.name}`,
      async () => {
        const answer = await apiRequest(server, 'GET', '/readyz', { timeoutMs: 2_000 })
        if (answer.status !== 200) throw new Error(answerText(answer))
        return true
      },
      patience,
    )
    return server
  })
  await onFirst(new Kubernetes([await Promise.any(all)]))
  await Promise.all(all)
}

function adminKubeconfigs(ports: ReadonlyMap<string, number>, prepared: PreparedCluster): Map<string, string> {
  return new Map([...ports].map(([name, port]) => [name, prepared.kubeconfig(`https://127.0.0.1:${port}`)]))
}
