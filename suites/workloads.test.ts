import { contract, recording } from '../harness/vitest/contract.ts'
import drainNode from '../scenarios/drain-node.ts'

/* Budgets are honoured while a node is emptied. */

const drainNodeRun = recording(drainNode)
contract('WL-08', drainNodeRun)
contract('WL-10', drainNodeRun)
