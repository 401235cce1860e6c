import type { Contract } from '../../judge/contract.ts'
import { apiServersAvailable } from './api-servers.ts'
import { etcdAvailable } from './etcd-cluster.ts'
import { servicesAvailable } from './services.ts'

export const availability: readonly Contract[] = [apiServersAvailable, etcdAvailable, servicesAvailable]
