import { contract, recording } from '../harness/vitest/contract.ts'
import workedExample from '../scenarios/worked-example.ts'
import killScheduler from '../scenarios/kill-scheduler.ts'

/* The scheduler chooses a node for each pod, one instance at a time. */

const workedExampleRun = recording(workedExample)
contract('SCHED-01', workedExampleRun)

const killSchedulerRun = recording(killScheduler)
contract('SCHED-01', killSchedulerRun)
contract('SCHED-02', killSchedulerRun)
contract('SCHED-14', killSchedulerRun)
