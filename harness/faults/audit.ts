import type { V1Namespace, V1Node } from '@kubernetes/client-node'
import type { Cluster } from '../cluster/cluster.ts'
import { eventually } from '../eventually.ts'
import type { RecordOf } from '../record/records.ts'
import { Intents } from './intents.ts'

type Found = RecordOf<'residue'>['found'][number]
type Look = ReadonlyMap<string, Readonly<Record<string, readonly string[]>>>

/** flanneld puts a lost route back every ten seconds, and a Node's own taints go with its next status: that is no residue. */
const settleWithinMs = 60_000

/** What carries our name and nobody else takes away: waiting for it would be waiting for nothing. */
const staysForGood = ['frozen cgroup', 'nft table', 'iptables rule of ours', 'loop device', 'intent']

/** What a cluster was like before, to be compared with what it is after its faults. */
export class Audit {
  readonly #cluster: Cluster
  readonly #before: Look

  private constructor(cluster: Cluster, before: Look) {
    this.#cluster = cluster
    this.#before = before
  }

  static async baseline(cluster: Cluster): Promise<Audit> {
    return new Audit(cluster, await look(cluster, 'before'))
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
          return found.every(isForGood)
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

/** An agent that could not undo something tries again, for as long as it has the lease: that is told as well, and waited for. */
function isForGood({ what, change }: Found): boolean {
  return change === 'added' && staysForGood.includes(what)
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
  const name = ({ metadata }: V1Node | V1Namespace): string => metadata?.name ?? ''
  return {
    node: nodes.map(name),
    cordon: nodes.filter(({ spec }) => spec?.unschedulable).map(name),
    taint: nodes.flatMap((node) =>
      (node.spec?.taints ?? []).map(({ key, effect }) => `${name(node)} ${key}:${effect}`),
    ),
    finalizer: [...nodes, ...namespaces].flatMap((one) =>
      (one.metadata?.finalizers ?? []).map((finalizer) => `${name(one)} ${finalizer}`),
    ),
    namespace: namespaces.filter((one) => kind === 'after' || !one.metadata?.deletionTimestamp).map(name),
    intent: new Intents(cluster.folder).all().map(({ lease }) => lease),
  }
}

/** Exported for its test: each entry counts as often as it is there. */
export function differences(before: Look, after: Look): Found[] {
  return [...after].flatMap(([where, kinds]) =>
    Object.entries(kinds).flatMap(([what, entries]) => {
      const earlier = before.get(where)?.[what] ?? []
      return [
        ...less(entries, earlier).map((entry) => ({ where, what, change: 'added' as const, entry })),
        ...less(earlier, entries).map((entry) => ({ where, what, change: 'missing' as const, entry })),
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
