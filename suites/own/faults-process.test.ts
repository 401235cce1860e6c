import { afterAll, beforeAll } from 'vitest'
import { BrokenCluster } from './faults-process/broken-cluster.ts'
import { everyComponentTests } from './faults-process/every-component.ts'
import { everyContainerTests } from './faults-process/every-container.ts'
import { machineTests } from './faults-process/machines.ts'
import { processTests } from './faults-process/processes.ts'
import { trustTests } from './faults-process/trust.ts'

/*
 * Faults of processes and of whole machines, on one cluster. What each does is seen by somebody who knows nothing of it: ps,
 * the engine's command line, the API, a neighbour. After each test the cluster is compared with what it was before.
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
