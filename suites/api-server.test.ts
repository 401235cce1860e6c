import { contract, recording } from '../harness/vitest/contract.ts'
import consistency from '../scenarios/consistency.ts'
import partitionEtcd from '../scenarios/partition-etcd.ts'

/* Without the front door what runs goes on running; and whoever uses it sees one store, however many servers there are. */

const partitionEtcdRun = recording(partitionEtcd)
contract('API-08', partitionEtcdRun)

const consistencyRun = recording(consistency)
contract('API-02', consistencyRun)
contract('API-03', consistencyRun)
contract('API-04', consistencyRun)
contract('API-05', consistencyRun)
contract('API-06', consistencyRun)
contract('API-07', consistencyRun)
contract('API-12', consistencyRun)
