import { contract, recording } from '../harness/vitest/contract.ts'
import workedExample from '../scenarios/worked-example.ts'

/* The architecture's own example as one trace: a Deployment, scheduled, run, exposed. */

const workedExampleRun = recording(workedExample)
contract('FLOW-01', workedExampleRun)
contract('FLOW-02', workedExampleRun)
contract('FLOW-03', workedExampleRun)
contract('FLOW-04', workedExampleRun)
contract('FLOW-05', workedExampleRun)
