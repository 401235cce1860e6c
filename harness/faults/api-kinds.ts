import { cordonKind } from './cordon.ts'
import { deleteNodeKind } from './delete-node.ts'
import { deletePodsKind, forceDeleteKind } from './delete-pods.ts'
import { drainKind } from './drain.ts'
import { evictKind } from './evict.ts'
import { freezeViewKind } from './freeze-view.ts'
import { taintKind } from './taint.ts'

/** What is done through the API, and to an API server's view of it. */
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
