import { eventually } from '../../common/eventually.ts'
import type { Evidence } from '../../record/records.ts'
import { agentFault, type AgentFault } from '../engine/agent-fault.ts'
import type { FaultBody } from '../engine/fault.ts'
import type { ContainerRef } from '../engine/fault-kind.ts'

/** The kubelet's back-off grows with each restart; the first restarts come within seconds. */
const restartedWithinMs = 120_000
/** The first restart comes within seconds, the second after ten. */
export const restartedAgainWithinMs = 60_000

/** End of faults that kill each replacement of a container. */
export const loopEnded = 'the runtime runs a container of that name with another id, and the loop has ended'

/** Adds to a fault that its effect is cleared only when the kubelet runs a container with another id. */
export function runsAnew(ref: ContainerRef, spec: AgentFault): FaultBody {
  const { machine, namespace, pod, container } = ref
  let killed = ''
  const fault = agentFault({
    ...spec,
    healthy: async () => {
      const id = await eventually(
        `a restart of ${container} of ${namespace}/${pod}`,
        async () => (await idsOf(ref)).find((one) => one !== killed),
        { timeoutMs: restartedWithinMs, intervalMs: 100 },
      )
      return { machine: machine.name, id }
    },
  })
  return {
    ...fault,
    inject: async (injection) => {
      const evidence: readonly Evidence[] = await fault.inject(injection)
      const id = evidence[0]?.facts['id']
      // Without the id, any container would count as a new one.
      if (typeof id !== 'string') throw new Error(`the agent on ${ref.machine.name} did not report the container's id`)
      killed = id
      return evidence
    },
  }
}

export function hitsContainer(ref: ContainerRef): Pick<AgentFault, 'target' | 'claims' | 'machine' | 'available'> {
  const { machine, namespace, pod, container } = ref
  return {
    target: { machines: [machine.name], pod: { namespace, name: pod, container } },
    claims: [`${machine.name}/${namespace}/${pod}/${container}`],
    machine,
    available: async () =>
      (await idsOf(ref)).length > 0
        ? undefined
        : `no container ${container} of ${namespace}/${pod} runs on ${machine.name}`,
  }
}

async function idsOf({ machine, namespace, pod, container }: ContainerRef): Promise<string[]> {
  const { containers } = await machine.call('containers', {})
  return containers
    .filter((one) => one.namespace === namespace && one.pod === pod && one.name === container)
    .map(({ id }) => id)
}
