import { contract, recording } from '../harness/vitest/contract.ts'
import drainNode from '../scenarios/drain-node.ts'

/* A node that falls silent is noticed, tainted, and taken out of Services. */

const drainNodeRun = recording(drainNode)
contract('NODE-02', drainNodeRun)
contract('NODE-03', drainNodeRun)
contract('NODE-09', drainNodeRun)
