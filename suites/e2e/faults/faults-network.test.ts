import { afterAll, afterEach, beforeAll } from 'vitest'
import { booted } from './breakable-cluster.ts'
import { agentKilledTests } from './faults-network/agent-killed.ts'
import { passingProcessTests } from './faults-network/residue-of-passing-processes.ts'
import { residueCheckTests } from './faults-network/residue-checks.ts'
import { dnsFailureTests } from './faults-network/dns-failure.ts'
import { foreignTests } from './faults-network/foreign.ts'
import { halfOpenTests } from './faults-network/half-open.ts'
import { impairTests } from './faults-network/impair.ts'
import { partitionTests } from './faults-network/partition.ts'
import { PodPair } from './faults-network/pod-pair.ts'
import { scenarioTests } from './faults-network/scenarios.ts'
import { tamperTests } from './faults-network/tamper.ts'

/*
 * Network faults, and residue of other programs in a kernel, on one cluster. An independent observer confirms each effect: whether
 * a request is answered, and how long that took. After each test the residue check compares the cluster with its baseline.
 */

const stop = new AbortController()
let made: PodPair | undefined
const pair = (): PodPair => booted(made)

beforeAll(async () => {
  made = await PodPair.boot(stop.signal)
})
// A failed test leaves its fault active: revert it before the next test.
afterEach(() => made?.faults[Symbol.asyncDispose]())
afterAll(async () => {
  await made?.[Symbol.asyncDispose]()
  stop.abort()
})

residueCheckTests(pair)
passingProcessTests(pair)
partitionTests(pair)
impairTests(pair)
halfOpenTests(pair)
dnsFailureTests(pair)
foreignTests(pair)
tamperTests(pair)
agentKilledTests(pair)
scenarioTests(pair, stop.signal)
