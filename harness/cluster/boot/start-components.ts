import { eventually } from '../../common/eventually.ts'
import { answerText } from '../api/api-answer.ts'
import { apiRequest } from '../api/api-request.ts'
import { type ApiServer, Kubernetes } from '../api/kubernetes.ts'
import { afterApiServer, componentsOf } from '../components.ts'
import type { Machine } from '../machine/machine.ts'
import { isNode } from '../machine/machine-spec.ts'
import { nodeObject, systemObjects } from '../observe/cluster-objects.ts'
import type { BootContext } from './boot-context.ts'
import { startHeldBack } from './held-back.ts'
import type { BootPlan } from './plan.ts'
import { criticalMachines, restoreShares } from './cpu-shares.ts'
import { isStandby } from './standbys.ts'
import { startMachines } from './start-machines.ts'

/**
 * Starts the machines, and each component as soon as it is useful. Each step awaits only the promises of the steps that it
 * needs. Resolves when every API server is ready and everything is started but the standbys.
 */
export async function startComponents(plan: BootPlan, context: BootContext): Promise<void> {
  const { prepared, kubernetes, url } = plan
  const started = startMachines(plan, context)
  const apiServers = kubernetes.servers.map((server) =>
    started.all.then(() => apiServerReady(server, context, prepared.pollIntervalMs)),
  )
  const firstApiServer = Promise.any(apiServers)
  const useFirst = firstApiServer.then((server) => useFirstApiServer(server, plan, context))
  const heldBack = (prepared.startGates ?? []).map((hold) =>
    startHeldBack(hold, { started: started.byName, url, firstApiServer }, context),
  )
  await Promise.all([...apiServers, useFirst, ...heldBack])
  context.seen('every API server is ready')
}

async function apiServerReady(
  server: ApiServer,
  { withinMs, signal }: BootContext,
  everyMs: number | undefined,
): Promise<ApiServer> {
  await eventually(
    `/readyz of the API server on ${server.name}`,
    async () => {
      const answer = await apiRequest(server, 'GET', '/readyz', { timeoutMs: 2_000 })
      if (answer.status !== 200) throw new Error(answerText(answer))
      return true
    },
    { timeoutMs: withinMs, signal, ...(everyMs ? { intervalMs: everyMs } : {}) },
  )
  return server
}

/** The first ready API server is used at once, by itself: the objects of the system, and all components that wait for it. */
async function useFirstApiServer(
  server: ApiServer,
  { docker, machines: planned, prepared }: BootPlan,
  { machines, seen }: BootContext,
): Promise<void> {
  seen('the first API server is ready')
  const kubernetes = new Kubernetes([server])
  const objects = [...planned.filter(isNode).map(nodeObject), ...(prepared.objects ?? []), ...systemObjects()]
  await Promise.all([
    restoreShares(docker, machines, criticalMachines(planned)),
    ...objects.map((object) => kubernetes.apply(object)),
    ...machines.map((machine) => startTheRest(machine, machines)),
  ])
}

/** Starts the components that have waited for an API server. */
async function startTheRest(machine: Machine, machines: readonly Machine[]): Promise<void> {
  const components = componentsOf(machine.spec).filter(
    (component) => afterApiServer.includes(component) && !isStandby(component, machine.spec, machines),
  )
  await Promise.all(components.map((component) => machine.call('start', { component })))
}
