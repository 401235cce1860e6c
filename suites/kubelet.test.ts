import { contract, recording } from '../harness/vitest/contract.ts'
import drainNode from '../scenarios/drain-node.ts'

/* A pod that is told to stop gets no more work. */

const drainNodeRun = recording(drainNode)
contract('KLET-07', drainNodeRun)
