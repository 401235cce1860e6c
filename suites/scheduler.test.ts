import { contract, recording } from '../harness/vitest/contract.ts'
import drainNode from '../scenarios/drain-node.ts'
import killScheduler from '../scenarios/kill-scheduler.ts'
import workedExample from '../scenarios/worked-example.ts'

/* The scheduler chooses a node for each pod, one instance at a time. */

const undisturbed = recording(workedExample)
contract('SCHED-01', undisturbed)
contract('SCHED-14', undisturbed)

const killed = recording(killScheduler)
contract('SCHED-02', killed)
contract('SCHED-14', killed)

const drained = recording(drainNode)
contract('SCHED-01', drained)
contract('SCHED-14', drained)
