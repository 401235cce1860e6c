import { describe } from 'vitest'
import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import { doubledContainers, slowRestarts, uncountedRestarts } from '../../harness/vitest/mutations/restarts.ts'
import { isNightly } from '../../harness/vitest/nightly.ts'
import controlPlaneOff from '../../scenarios/control-plane-off.ts'

describe.runIf(isNightly)('control-plane-off', () => {
  const crashed = recording(controlPlaneOff)
  control('KLET-02', crashed, 'no restart is counted', uncountedRestarts, 'RESTART_NOT_COUNTED')
  control('KLET-02', crashed, 'containers wait too long', slowRestarts, 'RESTARTED_LATE')
  control('KLET-03', crashed, 'containers run twice', doubledContainers, 'RUN_TWICE')
})
