import { describe } from 'vitest'
import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import * as sets from '../../harness/vitest/mutations/stateful.ts'
import { isNightly } from '../../harness/vitest/nightly.ts'
import stateful from '../../scenarios/stateful.ts'

describe.runIf(isNightly)('stateful', () => {
  control('WL-03', recording(stateful), 'a name runs on two Nodes', sets.sharedIdentity, 'IDENTITY_SHARED')
})
