import type { Contract } from '../../judge/contract.ts'
import { eachWritable } from './API-17-each-server-writable.ts'
import { timelyWatches } from './API-16-timely-watches.ts'
import { worksWithoutApi } from './API-08-works-without-api.ts'

export const apiServer: readonly Contract[] = [worksWithoutApi, timelyWatches, eachWritable]
