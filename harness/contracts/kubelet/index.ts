import type { Contract } from '../../judge/contract.ts'
import { runsBoundPods } from './KLET-01-runs-bound-pods.ts'
import { restartsContainers } from './KLET-02-restarts-containers.ts'
import { restartsWithoutApi } from './KLET-03-restarts-without-api.ts'
import { survivesRestart } from './KLET-04-survives-restart.ts'
import { containersOutliveKubelet } from './KLET-05-containers-outlive-kubelet.ts'
import { endsWithinGrace } from './KLET-06-ends-within-grace.ts'
import { terminatingUnready } from './KLET-07-terminating-unready.ts'
import { reportsTruth } from './KLET-09-reports-truth.ts'
import { uniquePodIps } from './NET-05-unique-pod-ips.ts'

export const kubelet: readonly Contract[] = [
  runsBoundPods,
  restartsContainers,
  restartsWithoutApi,
  terminatingUnready,
  survivesRestart,
  containersOutliveKubelet,
  endsWithinGrace,
  reportsTruth,
  uniquePodIps,
]
