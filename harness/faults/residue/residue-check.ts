import type { V1Namespace, V1Node } from '@kubernetes/client-node'
import { errorMessage } from '../../common/error-message.mjs'
import type { Cluster } from '../../cluster/cluster.ts'
import { unreadable } from '../../common/unreadable.ts'
import { eventually, NotInTime } from '../../common/eventually.ts'
import type { RecordOf } from '../../record/records.ts'
import { Intents } from '../engine/intents.ts'
import { isPermanent, isMissed, isPassing } from './residue-kinds.ts'

type Found = RecordOf<'residue'>['found'][number]
type ClusterState = ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>

/** flanneld restores routes every ten seconds, and a Node's condition taints go with its next status: neither is residue. */
export const revertWithinMs = 60_000

/** The residue check: compares a cluster after its faults with its state before. */
export class ResidueCheck {
  readonly #cluster: Cluster
  readonly #before: ClusterState

  private constructor(cluster: Cluster, before: ClusterState) {
    this.#cluster = cluster
    this.#before = before
  }

  /** Reads the state before the faults, after transient entries are gone: they would hide the same entry left behind later. */
  static async baseline(cluster: Cluster, signal?: AbortSignal): Promise<ResidueCheck> {
    let before = await readState(cluster, 'before')
    const passed = async (): Promise<boolean> => {
      const kinds = [...before.values()].flatMap((one) => Object.entries(one))
      if (!kinds.some(([what, entries]) => isPassing(what) && entries.length > 0)) return true
      before = await readState(cluster, 'before')
      return false
    }
    try {
      await eventually('transient state to disappear', passed, { timeoutMs: revertWithinMs, signal })
    } catch (error) {
      if (!(error instanceof NotInTime)) throw error
    }
    return new ResidueCheck(cluster, before)
  }

  /** Returns the current differences. */
  async differences(): Promise<readonly Found[]> {
    return differences(this.#before, await readState(this.#cluster, 'after'))
  }

  /** Returns the differences that remain after transient ones are gone. Empty: clean. */
  async residue(signal?: AbortSignal): Promise<readonly Found[]> {
    let found: readonly Found[] = []
    try {
      await eventually(
        'the cluster to be as before its faults',
        async () => {
          found = await this.differences()
          return revertedOf(found)
        },
        { timeoutMs: revertWithinMs, intervalMs: 250, signal },
      )
      return found
    } catch (error) {
      signal?.throwIfAborted()
      // A cluster that can't be read does not count as clean.
      const entry = errorMessage(error)
      return found.length > 0 ? found : [{ where: 'cluster', what: 'audit', change: 'missing', entry }]
    }
  }
}

/** Whether no difference can disappear by itself. Exported for its test. */
export function revertedOf(found: readonly Found[]): boolean {
  return found.every(({ what, change }) => change === 'added' && isPermanent(what))
}

async function readState(cluster: Cluster, kind: 'before' | 'after'): Promise<ClusterState> {
  const machines = cluster.machines.map(async (machine) => [machine.name, await machine.call('residue', {})] as const)
  return new Map([...(await Promise.all(machines)), ['cluster', await inTheApi(cluster, kind)] as const])
}

/** A terminating namespace is not missing afterwards, but counts as residue while it exists. */
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
      // The node controller adds and removes this taint with a cordon.
      .filter(({ key }) => !(key === ofCordons && node.spec?.unschedulable))
      .map(({ key, effect }) => ({ key, entry: `${name(node)} ${key}:${effect}` })),
  )
  return {
    node: nodes.map(name),
    cordon: nodes.filter(({ spec }) => spec?.unschedulable).map(name),
    taint: taints.filter(({ key }) => !byController(key)).map(({ entry }) => entry),
    'taint by condition': taints.filter(({ key }) => byController(key)).map(({ entry }) => entry),
    finalizer: [...nodes, ...staying].flatMap((one) =>
      (one.metadata?.finalizers ?? []).map((finalizer) => `${name(one)} ${finalizer}`),
    ),
    namespace: staying.map(name),
    intent: intents.all().map(({ id }) => id),
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
 * Compares two states; repeated entries count separately. A failed read is a difference, even when it failed before as well.
 * Exported for its test.
 */
export function differences(before: ClusterState, after: ClusterState): Found[] {
  return [...unread(before, after), ...changes(before, after)]
}

function unread(...states: readonly ClusterState[]): Found[] {
  const all = states.flatMap((state) =>
    [...state].flatMap(([where, kinds]) => (kinds[unreadable] ?? []).map((entry) => ({ where, entry }))),
  )
  const once = new Map(all.map((one) => [`${one.where} ${one.entry}`, one]))
  return [...once.values()].map(({ where, entry }) => ({ where, what: unreadable, change: 'added', entry }))
}

function changes(before: ClusterState, after: ClusterState): Found[] {
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
