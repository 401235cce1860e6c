import { afterAll, beforeAll } from 'vitest'
import { BrokenCluster } from './faults-process/broken-cluster.ts'
import { everyComponentTests } from './faults-process/every-component.ts'
import { everyContainerTests } from './faults-process/every-container.ts'
import { machineTests } from './faults-process/machines.ts'
import { processTests } from './faults-process/processes.ts'
import { trustTests } from './faults-process/trust.ts'

/*
 * Faults of processes and machines, on one cluster. An independent observer confirms each effect: ps, the docker command, the API,
 * another machine. After each test the residue check compares the cluster with its baseline.
 */

const stop = new AbortController()
let booted: BrokenCluster | undefined

beforeAll(async () => {
  booted = await BrokenCluster.boot(stop.signal)
})
afterAll(async () => {
  await booted?.[Symbol.asyncDispose]()
  stop.abort()
})

const it = (): BrokenCluster => {
  if (!booted) throw new Error('the cluster has not booted')
  return booted
}

trustTests(it)
processTests(it)
everyComponentTests(it)
everyContainerTests(it)
machineTests(it)
