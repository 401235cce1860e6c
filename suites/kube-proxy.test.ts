import { contract, recording } from '../harness/vitest/contract.ts'
import workedExample from '../scenarios/worked-example.ts'
import killScheduler from '../scenarios/kill-scheduler.ts'
import partitionEtcd from '../scenarios/partition-etcd.ts'
import drainNode from '../scenarios/drain-node.ts'

/* Every machine spreads connections evenly over the replicas. */

const workedExampleRun = recording(workedExample)
contract('PROXY-02', workedExampleRun)

const killSchedulerRun = recording(killScheduler)
contract('PROXY-02', killSchedulerRun)

const partitionEtcdRun = recording(partitionEtcd)
contract('PROXY-02', partitionEtcdRun)

const drainNodeRun = recording(drainNode)
contract('PROXY-02', drainNodeRun)
