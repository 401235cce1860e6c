import { addWorkerKind } from '../machine/add-worker.ts'
import { apiKinds } from '../kube-api/api-kinds.ts'
import type { AnyFaultKind } from '../engine/fault-kind.ts'
import { dnsFailureKind } from '../network/dns-failure.ts'
import { halfOpenKind } from '../network/half-open.ts'
import { impairKind } from '../network/impair.ts'
import { crashLoopContainerKind, stopContainerKind } from '../container/container-loop.ts'
import { killContainerKind, pauseContainerKind } from '../container/container.ts'
import { crashLoopKind } from '../process/crash-loop.ts'
import { freezeMachineKind } from '../machine/freeze-machine.ts'
import { killMachineKind, powerOffKind } from '../machine/kill-machine.ts'
import { loadKinds } from '../load/load-kinds.ts'
import { loseMachineKind } from '../machine/lose-machine.ts'
import { partitionKind } from '../network/partition.ts'
import { deleteRoutesKind, removeCniKind, staleConntrackKind } from '../machine/tamper-node.ts'
import { deleteRuleKind, flushProxyKind } from '../kube-proxy/tamper-proxy.ts'
import { killKind, pauseKind, stopKind } from '../process/process.ts'
import { restartMachineKind } from '../machine/restart-machine.ts'
import { storageKinds } from '../storage/storage-kinds.ts'
import { slowKind } from '../process/slow.ts'
import { slowContainerKind } from '../container/slow-container.ts'
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
