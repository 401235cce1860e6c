import type { Contract } from '../../judge/contract.ts'
import { worksWithoutApi } from './works-without-api.ts'

export const apiServer: readonly Contract[] = [worksWithoutApi]
