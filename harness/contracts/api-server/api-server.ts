import type { Contract } from '../../judge/contract.ts'
import { eachWritable } from './each-writable.ts'
import { timelyWatches } from './timely-watches.ts'
import { worksWithoutApi } from './works-without-api.ts'

export const apiServer: readonly Contract[] = [worksWithoutApi, timelyWatches, eachWritable]
