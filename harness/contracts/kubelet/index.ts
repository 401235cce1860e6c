import type { Contract } from '../../judge/contract.ts'
import { survivesRestart } from './KLET-04-survives-restart.ts'
import { terminatingUnready } from './KLET-07-terminating-unready.ts'
import { uniquePodIps } from './NET-05-unique-pod-ips.ts'

export const kubelet: readonly Contract[] = [terminatingUnready, survivesRestart, uniquePodIps]
