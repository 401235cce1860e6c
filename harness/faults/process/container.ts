import { z } from 'zod'
import { eventually } from '../../common/eventually.ts'
import type { Evidence } from '../../record/records.ts'
import { agentFault, type AgentFault } from '../engine/agent-fault.ts'
import type { Fault } from '../engine/fault.ts'
import { type ContainerRef, faultKind } from '../engine/fault-kind.ts'

/** The kubelet's back-off grows with each restart; the first restarts come within seconds. */
const restartedWithinMs = 120_000

/** Kills a container's first process. Reverted when a container with another id runs in its place. */
export function killContainer(ref: ContainerRef, options: { readonly signal?: 'SIGKILL' | 'SIGTERM' } = {}): Fault {
  const { namespace, pod, container } = ref
  const { signal = 'SIGKILL' } = options
  return runsAnew(ref, {
    ...hitsContainer(ref),
    name: 'kill-container',
    action: () => ({ do: 'container-signal', params: { namespace, pod, container, signal } }),
    bit: `the first process of ${container} of ${namespace}/${pod} is gone`,
    ended: `${container} of ${namespace}/${pod} runs in a new container`,
  })
}

/** Adds to a fault that its effect is cleared only when the kubelet runs a container with another id. */
export function runsAnew(ref: ContainerRef, spec: AgentFault): Fault {
  const { machine, namespace, pod, container } = ref
  let killed = ''
  const fault = agentFault({
    ...spec,
    healthy: async () => {
      const id = await eventually(
        `a restart of ${container} of ${namespace}/${pod}`,
        async () => (await idsOf(ref)).find((one) => one !== killed),
        { withinMs: restartedWithinMs, everyMs: 100 },
      )
      return { machine: machine.name, id }
    },
  })
  return {
    ...fault,
    inject: async (lease) => {
      const evidence: readonly Evidence[] = await fault.inject(lease)
      const id = evidence[0]?.facts['id']
      // Without the id, any container would count as a new one.
      if (typeof id !== 'string') throw new Error(`the agent on ${ref.machine.name} did not report the container's id`)
      killed = id
      return evidence
    },
  }
}

/** Stops every process of a container. Its probes fail, and the kubelet reacts as configured. */
export function pauseContainer(ref: ContainerRef): Fault {
  const { namespace, pod, container } = ref
  return agentFault({
    ...hitsContainer(ref),
    name: 'pause-container',
    action: () => ({ do: 'container-pause', params: { namespace, pod, container } }),
    bit: `every process of ${container} of ${namespace}/${pod} is stopped`,
    ended: `no process of ${container} of ${namespace}/${pod} is stopped`,
  })
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

export const killContainerKind = faultKind({
  name: 'kill-container',
  group: 'process',
  describe: "Kills a container of a pod, or the pod's sandbox (`pause`), without its kubelet",
  hits: 'container',
  evidence: {
    bit: "the container's first process (pid and start time) is gone from /proc",
    ended: 'the runtime runs a container of that name with another id',
  },
  options: z.object({ signal: z.enum(['SIGKILL', 'SIGTERM']).default('SIGKILL').describe('the signal') }),
  make: (ref, options) => killContainer(ref, options),
})

export const pauseContainerKind = faultKind({
  name: 'pause-container',
  group: 'process',
  describe: 'Freezes every process of a container of a pod (SIGSTOP)',
  hits: 'container',
  evidence: {
    bit: "every process in the container's cgroup is in state T (stopped)",
    ended: 'no process in it is in state T, or the container is gone',
  },
  options: z.object({}),
  make: (ref) => pauseContainer(ref),
})
