import { defineFault } from '../engine/fault-kind.ts'
import { podsByLabelOptions } from '../targets/pods-by-label.ts'
import { deletedPods, deletionFault } from './deletion.ts'

/** Deletes pods by label from the API without waiting for their containers, which may run for a while. */
export const forceDelete = defineFault({
  name: 'force-delete',
  describe: 'Deletes running pods from the API at once, without waiting for their containers to end',
  hits: 'cluster',
  evidence: {
    confirmed: 'each of the pods (by uid) had a running container, and is gone from the API',
    cleared: deletedPods,
  },
  options: podsByLabelOptions,
  create: (cluster, options) => deletionFault(cluster, options, true),
})
