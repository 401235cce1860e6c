import { agentFault, kernelName } from '../engine/agent-fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { hitsProcess } from './component-process.ts'
import { cpuShare, throttled } from './cpu-share.ts'

/** Limits a component to `percent` of one CPU until reverted. */
export const slow = defineFault({
  name: 'slow',
  describe: 'Limits a component to a share of one CPU (CPU quota)',
  hits: 'component',
  evidence: {
    bit: "the kernel's throttling counter of the process is above 0",
    ended: 'the cgroup with the quota is gone, and the process runs outside of it',
  },
  options: cpuShare,
  create: (ref, { percent }) => {
    const { machine, component } = ref
    return agentFault({
      ...hitsProcess(ref),
      action: (lease) => ({ do: 'slow', params: { component, cgroup: kernelName(lease), percent } }),
      bit: `the kernel has throttled ${component} on ${machine.name}`,
      proven: throttled,
      ended: `${component} on ${machine.name} has no quota`,
    })
  },
})
