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
    confirmed: "the kernel's throttling counter of the process is above 0",
    cleared: 'the cgroup with the quota is gone, and the process runs outside of it',
  },
  options: cpuShare,
  create: (ref, { percent }) => {
    const { machine, component } = ref
    return agentFault({
      ...hitsProcess(ref),
      action: (id) => ({ do: 'slow', params: { component, cgroup: kernelName(id), percent } }),
      confirmed: `the kernel has throttled ${component} on ${machine.name}`,
      proven: throttled,
      cleared: `${component} on ${machine.name} has no quota`,
    })
  },
})
