import { contract, recording } from '../harness/vitest/contract.ts'
import partitionEtcd from '../scenarios/partition-etcd.ts'

/* Without the front door what runs goes on running. */

const partitionEtcdRun = recording(partitionEtcd)
contract('API-08', partitionEtcdRun)
