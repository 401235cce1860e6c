import { addWorkerKind } from './add-worker.ts'
import { apiKinds } from './api-kinds.ts'
import type { AnyFaultKind } from './fault-kind.ts'
import { dnsFailureKind } from './dns-failure.ts'
import { halfOpenKind } from './half-open.ts'
import { impairKind } from './impair.ts'
import { crashLoopContainerKind, stopContainerKind } from './container-loop.ts'
import { killContainerKind, pauseContainerKind } from './container.ts'
import { crashLoopKind } from './crash-loop.ts'
import { freezeMachineKind } from './freeze-machine.ts'
import { killMachineKind, powerOffKind } from './kill-machine.ts'
import { loadKinds } from './load-kinds.ts'
import { loseMachineKind } from './lose-machine.ts'
import { partitionKind } from './partition.ts'
import { deleteRoutesKind, removeCniKind, staleConntrackKind } from './tamper-node.ts'
import { deleteRuleKind, flushProxyKind } from './tamper-proxy.ts'
import { killKind, pauseKind, stopKind } from './process.ts'
import { restartMachineKind } from './restart-machine.ts'
import { storageKinds } from './storage-kinds.ts'
import { slowKind } from './slow.ts'
import { slowContainerKind } from './slow-container.ts'
import { unplugMachineKind } from './unplug-machine.ts'

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
