import { addWorkerKind } from '../machine/add-worker.ts'
import { apiKinds } from '../kube-api/index.ts'
import type { AnyFaultKind } from '../engine/fault-kind.ts'
import { dnsFailureKind } from '../network/dns-failure.ts'
import { halfOpenKind } from '../network/half-open.ts'
import { impairKind } from '../network/impair.ts'
import { crashLoopContainerKind, stopContainerKind } from '../process/container-loop.ts'
import { killContainerKind, pauseContainerKind } from '../process/container.ts'
import { crashLoopKind } from '../process/crash-loop.ts'
import { freezeMachineKind } from '../machine/freeze-machine.ts'
import { killMachineKind, powerOffKind } from '../machine/kill-machine.ts'
import { loadKinds } from '../load/index.ts'
import { loseMachineKind } from '../machine/lose-machine.ts'
import { partitionKind } from '../network/partition.ts'
import { deleteRoutesKind, removeCniKind, staleConntrackKind } from '../tamper/tamper-node.ts'
import { deleteRuleKind, flushProxyKind } from '../tamper/proxy-rules.ts'
import { killKind, pauseKind, stopKind } from '../process/component-process.ts'
import { restartMachineKind } from '../machine/restart-machine.ts'
import { storageKinds } from '../storage/index.ts'
import { slowKind } from '../process/slow.ts'
import { slowContainerKind } from '../process/slow-container.ts'
import { unplugMachineKind } from '../machine/unplug-machine.ts'

/** Every fault, by group. */
export const faultKinds: readonly AnyFaultKind[] = [
  killKind,
  stopKind,
  pauseKind,
  crashLoopKind,
  slowKind,
  killContainerKind,
  stopContainerKind,
  pauseContainerKind,
  crashLoopContainerKind,
  slowContainerKind,
  killMachineKind,
  powerOffKind,
  freezeMachineKind,
  restartMachineKind,
  unplugMachineKind,
  loseMachineKind,
  addWorkerKind,
  partitionKind,
  impairKind,
  halfOpenKind,
  dnsFailureKind,
  flushProxyKind,
  deleteRuleKind,
  staleConntrackKind,
  removeCniKind,
  deleteRoutesKind,
  ...apiKinds,
  ...storageKinds,
  ...loadKinds,
]
