import { defineFault } from '../engine/fault-kind.ts'
import { podsByLabelOptions } from '../targets/pods-by-label.ts'
import { deletedPods, deletionFault } from './deletion.ts'

/** Deletes pods by label, which no disruption budget prevents. Reverted when all are gone. */
export const deletePods = defineFault({
  name: 'delete-pods',
  describe: 'Deletes running pods with their own grace period',
  hits: 'cluster',
  evidence: {
    confirmed: 'each of the pods (by uid) had a running container, and has a deletion time or is gone',
    cleared: deletedPods,
  },
  options: podsByLabelOptions,
  create: (cluster, options) => deletionFault(cluster, options, false),
})
