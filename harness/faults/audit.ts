import type { V1Namespace, V1Node } from '@kubernetes/client-node'
import type { Cluster } from '../cluster/cluster.ts'
import { unreadable } from '../cluster/unreadable.ts'
import { eventually, NotInTime } from '../eventually.ts'
import type { RecordOf } from '../record/records.ts'
import { Intents } from './intents.ts'
import { isLasting, isMissed, isPassing } from './residue-kinds.ts'

type Found = RecordOf<'residue'>['found'][number]
type Look = ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>

/** flanneld puts a lost route back every ten seconds, and a Node's own taints go with its next status: that is no residue. */
export const settleWithinMs = 60_000

/** What a cluster was like before, to be compared with what it is after its faults. */
export class Audit {
  readonly #cluster: Cluster
  readonly #before: Look

  private constructor(cluster: Cluster, before: Look) {
    this.#cluster = cluster
    this.#before = before
  }

  /** What is only passing is waited for: the same, left behind later, would not be told. What stays was there before. */
  static async baseline(cluster: Cluster, signal?: AbortSignal): Promise<Audit> {
    let before = await look(cluster, 'before')
    const passed = async (): Promise<boolean> => {
      const kinds = [...before.values()].flatMap((one) => Object.entries(one))
      if (!kinds.some(([what, entries]) => isPassing(what) && entries.length > 0)) return true
      before = await look(cluster, 'before')
      return false
    }
    try {
      await eventually('what is passing to have passed', passed, { withinMs: settleWithinMs, signal })
    } catch (error) {
      if (!(error instanceof NotInTime)) throw error
    }
    return new Audit(cluster, before)
  }

  /** What is not as before at this moment. */
  async differences(): Promise<readonly Found[]> {
    return differences(this.#before, await look(this.#cluster, 'after'))
  }

  /** What is not as before; what is on its way back by itself is waited for. Empty: clean. */
  async residue(signal?: AbortSignal): Promise<readonly Found[]> {
    let found: readonly Found[] = []
    try {
      await eventually(
        'nothing to be left behind',
        async () => {
          found = await this.differences()
          return settled(found)
        },
        { withinMs: settleWithinMs, everyMs: 250, signal },
      )
      return found
    } catch (error) {
      signal?.throwIfAborted()
      // What can't be looked at is not known to be clean.
      const entry = error instanceof Error ? error.message : String(error)
      return found.length > 0 ? found : [{ where: 'cluster', what: 'audit', change: 'missing', entry }]
    }
  }
}

/** Exported for its test: whether nothing of it changes any more by itself. */
export function settled(found: readonly Found[]): boolean {
  return found.every(({ what, change }) => change === 'added' && isLasting(what))
}

async function look(cluster: Cluster, kind: 'before' | 'after'): Promise<Look> {
  const machines = cluster.machines.map(async (machine) => [machine.name, await machine.call('residue', {})] as const)
  return new Map([...(await Promise.all(machines)), ['cluster', await inTheApi(cluster, kind)] as const])
}

/** A namespace that is on its way out is not missed when it is gone, and left behind for as long as it is not. */
async function inTheApi(cluster: Cluster, kind: 'before' | 'after'): Promise<Record<string, string[]>> {
  const [nodes, namespaces] = await Promise.all([
    cluster.kubernetes.list<V1Node>('v1', 'Node'),
    cluster.kubernetes.list<V1Namespace>('v1', 'Namespace'),
  ])
  const intents = new Intents(cluster.folder)
  const name = ({ metadata }: V1Node | V1Namespace): string => metadata?.name ?? ''
  const staying = namespaces.filter((one) => kind === 'after' || !one.metadata?.deletionTimestamp)
  const taints = nodes.flatMap((node) =>
    (node.spec?.taints ?? [])
      // A cordon brings its own a moment later, and takes it along.
      .filter(({ key }) => !(key === ofCordons && node.spec?.unschedulable))
      .map(({ key, effect }) => ({ key, told: `${name(node)} ${key}:${effect}` })),
  )
  return {
    node: nodes.map(name),
    cordon: nodes.filter(({ spec }) => spec?.unschedulable).map(name),
    taint: taints.filter(({ key }) => !byController(key)).map(({ told }) => told),
    'taint by condition': taints.filter(({ key }) => byController(key)).map(({ told }) => told),
    finalizer: [...nodes, ...staying].flatMap((one) =>
      (one.metadata?.finalizers ?? []).map((finalizer) => `${name(one)} ${finalizer}`),
    ),
    namespace: staying.map(name),
    intent: intents.all().map(({ lease }) => lease),
    [unreadable]: intents.unreadable(),
  }
}

const ofCordons = 'node.kubernetes.io/unschedulable'
const byConditions = /^node\.kubernetes\.io\/(not-ready|unreachable|(memory|disk|pid)-pressure|network-unavailable)$/

/** https://kubernetes.io/docs/concepts/scheduling-eviction/taint-and-toleration/#taint-based-evictions */
function byController(key: string): boolean {
  return key === ofCordons || byConditions.test(key)
}

/**
 * Exported for its test: each entry counts as often as it is there. What could not be read, before or now, is a difference by
 * itself: the same failure twice is no sign that nothing was left.
 */
export function differences(before: Look, after: Look): Found[] {
  return [...unread(before, after), ...changes(before, after)]
}

function unread(...looks: readonly Look[]): Found[] {
  const all = looks.flatMap((look) =>
    [...look].flatMap(([where, kinds]) => (kinds[unreadable] ?? []).map((entry) => ({ where, entry }))),
  )
  const once = new Map(all.map((one) => [`${one.where} ${one.entry}`, one]))
  return [...once.values()].map(({ where, entry }) => ({ where, what: unreadable, change: 'added', entry }))
}

function changes(before: Look, after: Look): Found[] {
  return [...after].flatMap(([where, kinds]) =>
    Object.entries(kinds).flatMap(([what, entries]) => {
      if (what === unreadable) return []
      const earlier = before.get(where)?.[what] ?? []
      const missing = isMissed(what) ? less(earlier, entries) : []
      return [
        ...less(entries, earlier).map((entry) => ({ where, what, change: 'added' as const, entry })),
        ...missing.map((entry) => ({ where, what, change: 'missing' as const, entry })),
      ]
    }),
  )
}

function less(all: readonly string[], those: readonly string[]): string[] {
  const left = [...those]
  return all.filter((entry) => {
    const at = left.indexOf(entry)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}
