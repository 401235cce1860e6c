import { cordonKind } from './cordon.ts'
import { deleteNodeKind } from './delete-node.ts'
import { deletePodsKind, forceDeleteKind } from './delete-pods.ts'
import { drainKind } from './drain.ts'
import { evictKind } from './evict.ts'
import { freezeViewKind } from './freeze-view.ts'
import { taintKind } from './taint.ts'

/** Faults through the API, and of an API server's watch cache. */
export const apiKinds = [
  drainKind,
  cordonKind,
  taintKind,
  deletePodsKind,
  forceDeleteKind,
  evictKind,
  deleteNodeKind,
  freezeViewKind,
] as const
