import { afterAll, afterEach, beforeAll } from 'vitest'
import { agentKilledTests } from './faults-network/agent-killed.ts'
import { dnsFailureTests } from './faults-network/dns-failure.ts'
import { halfOpenTests } from './faults-network/half-open.ts'
import { impairTests } from './faults-network/impair.ts'
import { partitionTests } from './faults-network/partition.ts'
import { PodPair } from './faults-network/pod-pair.ts'
import { refusedTests } from './faults-network/refused.ts'
import { tamperTests } from './faults-network/tamper.ts'

/*
 * Faults of the network and of what others leave in a kernel, on one cluster. What each does is seen by somebody who knows nothing of its rules: a request that
 * is or is not answered, and how long it took. After each test nothing of ours may be left in any machine's kernel.
 */

const stop = new AbortController()
let booted: PodPair | undefined

beforeAll(async () => {
  booted = await PodPair.boot(stop.signal)
})
// A test that fails leaves its fault to nobody: the next one begins on a whole cluster.
afterEach(() => booted?.faults[Symbol.asyncDispose]())
afterAll(async () => {
  await booted?.[Symbol.asyncDispose]()
  stop.abort()
})

const pair = (): PodPair => {
  if (!booted) throw new Error('the cluster has not booted')
  return booted
}

partitionTests(pair)
impairTests(pair)
halfOpenTests(pair)
dnsFailureTests(pair)
refusedTests(pair)
tamperTests(pair)
agentKilledTests(pair)
