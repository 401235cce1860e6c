import { apiFloodKind, eventStormKind } from './api-load.ts'
import { hogCpuKind, hogMemoryKind } from './hog.ts'

/** Faults that load a machine or an API server. */
export const loadKinds = [hogCpuKind, hogMemoryKind, apiFloodKind, eventStormKind] as const
