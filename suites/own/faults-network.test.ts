import { afterAll, afterEach, beforeAll } from 'vitest'
import { booted } from './breakable-cluster.ts'
import { agentKilledTests } from './faults-network/agent-killed.ts'
import { auditPassingTests } from './faults-network/audit-passing.ts'
import { auditTests } from './faults-network/audit.ts'
import { dnsFailureTests } from './faults-network/dns-failure.ts'
import { foreignTests } from './faults-network/foreign.ts'
import { halfOpenTests } from './faults-network/half-open.ts'
import { impairTests } from './faults-network/impair.ts'
import { partitionTests } from './faults-network/partition.ts'
import { PodPair } from './faults-network/pod-pair.ts'
import { scenarioTests } from './faults-network/scenarios.ts'
import { tamperTests } from './faults-network/tamper.ts'

/*
 * Faults of the network and of what others leave in a kernel, on one cluster. What each does is seen by somebody who knows nothing of its rules: a request that
 * is or is not answered, and how long it took. After each test the cluster is compared with what it was before.
 */

const stop = new AbortController()
let made: PodPair | undefined
const pair = (): PodPair => booted(made)

beforeAll(async () => {
  made = await PodPair.boot(stop.signal)
})
// A test that fails leaves its fault to nobody: the next one begins on a whole cluster.
afterEach(() => made?.faults[Symbol.asyncDispose]())
afterAll(async () => {
  await made?.[Symbol.asyncDispose]()
  stop.abort()
})

auditTests(pair)
auditPassingTests(pair)
partitionTests(pair)
impairTests(pair)
halfOpenTests(pair)
dnsFailureTests(pair)
foreignTests(pair)
tamperTests(pair)
agentKilledTests(pair)
scenarioTests(pair, stop.signal)
