import type { AgentAction } from './action.ts'
import { apiLoad } from './api-load.ts'
import { containerLoop } from './container-loop.ts'
import { containerPause } from './container-pause.ts'
import { containerSignal } from './container-signal.ts'
import { containerSlow } from './container-slow.ts'
import { crashLoop } from './crash-loop.ts'
import { cut } from './cut.ts'
import { deleteRoutes } from './delete-routes.ts'
import { deleteRule } from './delete-rule.ts'
import { fillDisk } from './fill-disk.ts'
import { fillImageDisk } from './fill-image-disk.ts'
import { flushProxy } from './flush-proxy.ts'
import { freezeDisk } from './freeze-disk.ts'
import { freezeView } from './freeze-view.ts'
import { hog } from './hog.ts'
import { impair } from './impair.ts'
import { pause } from './pause.ts'
import { quotaAlarm } from './quota-alarm.ts'
import { removeCni } from './remove-cni.ts'
import { restoreData } from './restore-data.ts'
import { shape } from './shape.ts'
import { signal } from './signal.ts'
import { slow } from './slow.ts'
import { staleConntrack } from './stale-conntrack.ts'
import { unplug } from './unplug.ts'
import { wipeMember } from './wipe-member.ts'

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
