import { describe } from 'vitest'
import { recording } from '../../harness/vitest/contract.ts'
import { control } from '../../harness/vitest/control.ts'
import * as workloads from '../../harness/vitest/mutations/workloads.ts'
import { isNightly } from '../../harness/vitest/nightly.ts'
import controllerCrash from '../../scenarios/controller-crash.ts'

/* Negative controls on the recording of a scenario that only the nightly run records. */

describe.runIf(isNightly)('controller-crash', () => {
  const crashed = recording(controllerCrash)
  control('WL-01', crashed, 'no surplus was allowed', workloads.stricterStrategy({ maxSurge: 0 }), 'TOO_MANY_PODS')
  control(
    'WL-01',
    crashed,
    'no pod was allowed to be unavailable',
    workloads.stricterStrategy({ maxUnavailable: 0 }),
    'TOO_FEW_AVAILABLE',
  )
  control(
    'WL-07',
    crashed,
    'a status counts one completion too many',
    workloads.inflatedCompletions,
    'COMPLETIONS_WRONG',
  )
  control('WL-07', crashed, 'no retry was allowed', workloads.noRetries, 'RETRIED_TOO_OFTEN')
  control('CM-02', crashed, 'a pod is replaced without a controller', workloads.replacedEarly, 'REPLACED_WHILE_DOWN')
  control('CM-02', crashed, 'a lost pod is replaced twice', workloads.replacedTwice, 'SURPLUS_PODS')
  control('CM-03', crashed, 'no other instance takes over', workloads.noSuccessor, 'NO_TAKEOVER')
  control('CM-03', crashed, 'a pod is created twice and both stay', workloads.createdTwice, 'NOT_FINISHED')
  control('CM-05', crashed, 'an object is removed too early', workloads.ignoredFinalizer, 'REMOVED_WITH_FINALIZER')
  control('WL-02', crashed, 'a deadline is reported before it has passed', workloads.longDeadline, 'REPORTED_EARLY')
  control('WL-02', crashed, 'the old ReplicaSet is scaled up', workloads.rolledBack, 'ROLLED_BACK')
})
