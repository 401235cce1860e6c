import type { Contract } from '../../judge/contract.ts'
import { apiServersAvailable } from './API-15-api-servers-available.ts'
import { etcdAvailable } from './ETCD-12-etcd-available.ts'
import { servicesAvailable } from './PROXY-13-services-available.ts'

export const availability: readonly Contract[] = [apiServersAvailable, etcdAvailable, servicesAvailable]
