import { contract, recording } from '../harness/vitest/contract.ts'
import killScheduler from '../scenarios/kill-scheduler.ts'
import drainNode from '../scenarios/drain-node.ts'

/* The controllers drive what is to what is wanted. */

const killSchedulerRun = recording(killScheduler)
contract('CM-01', killSchedulerRun)

const drainNodeRun = recording(drainNode)
contract('CM-01', drainNodeRun)
