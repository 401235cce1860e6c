import { contract, recording } from '../harness/vitest/contract.ts'
import partitionEtcd from '../scenarios/partition-etcd.ts'

/* etcd keeps what it acknowledged, through the loss of its leader and of its quorum. */

const partitionEtcdRun = recording(partitionEtcd)
contract('ETCD-02', partitionEtcdRun)
contract('ETCD-03', partitionEtcdRun)
contract('ETCD-04', partitionEtcdRun)
