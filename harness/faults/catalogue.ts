import type { AnyFaultKind } from './fault-kind.ts'
import { dnsFailureKind } from './dns-failure.ts'
import { halfOpenKind } from './half-open.ts'
import { impairKind } from './impair.ts'
import { partitionKind } from './partition.ts'
import { killKind, pauseKind, stopKind } from './process.ts'

/** Every fault that there is. */
export const faultKinds: readonly AnyFaultKind[] = [
  killKind,
  stopKind,
  pauseKind,
  partitionKind,
  impairKind,
  halfOpenKind,
  dnsFailureKind,
]
