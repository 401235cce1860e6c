import type { AgentAction } from './action.ts'
import { apiLoad } from './kube-api/api-load.ts'
import { containerLoop } from './container/container-loop.ts'
import { containerPause } from './container/container-pause.ts'
import { containerSignal } from './container/container-signal.ts'
import { containerSlow } from './container/container-slow.ts'
import { crashLoop } from './process/crash-loop.ts'
import { cut } from './network/cut.ts'
import { deleteRoutes } from './network/delete-routes.ts'
import { deleteRule } from './kube-proxy/delete-rule.ts'
import { fillDisk } from './storage/fill-disk.ts'
import { fillImageDisk } from './storage/fill-image-disk.ts'
import { flushProxy } from './kube-proxy/flush-proxy.ts'
import { freezeDisk } from './storage/freeze-disk.ts'
import { freezeView } from './kube-api/freeze-view.ts'
import { hog } from './process/hog.ts'
import { impair } from './network/impair.ts'
import { pause } from './process/pause.ts'
import { quotaAlarm } from './storage/quota-alarm.ts'
import { removeCni } from './network/remove-cni.ts'
import { restoreData } from './storage/restore-data.ts'
import { shape } from './network/shape.ts'
import { signal } from './process/signal.ts'
import { slow } from './process/slow.ts'
import { staleConntrack } from './kube-proxy/stale-conntrack.ts'
import { unplug } from './network/unplug.ts'
import { wipeMember } from './storage/wipe-member.ts'

/** Every action that an agent can apply to its machine. */
export const actions = [
  apiLoad,
  containerLoop,
  containerPause,
  containerSignal,
  containerSlow,
  crashLoop,
  cut,
  deleteRoutes,
  deleteRule,
  fillDisk,
  fillImageDisk,
  flushProxy,
  freezeDisk,
  freezeView,
  hog,
  impair,
  pause,
  quotaAlarm,
  removeCni,
  restoreData,
  shape,
  signal,
  slow,
  staleConntrack,
  unplug,
  wipeMember,
] as const

type Known = (typeof actions)[number]

/** The form on the wire and on disk: an action's name and its parameters. */
export type Action = Known extends infer One
  ? One extends AgentAction<infer Name, infer Params>
    ? { readonly do: Name; readonly params: Params }
    : never
  : never
