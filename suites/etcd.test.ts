import { contract, recording } from '../harness/vitest/contract.ts'
import consistency from '../scenarios/consistency.ts'
import partitionEtcd from '../scenarios/partition-etcd.ts'

/* etcd keeps what it acknowledged, through the loss of its leader and of its quorum. */

const partitionEtcdRun = recording(partitionEtcd)
contract('ETCD-02', partitionEtcdRun)
contract('ETCD-03', partitionEtcdRun)
contract('ETCD-04', partitionEtcdRun)

const consistencyRun = recording(consistency)
contract('ETCD-01', consistencyRun)
contract('ETCD-05', consistencyRun)
contract('ETCD-07', consistencyRun)
contract('ETCD-11', consistencyRun)
