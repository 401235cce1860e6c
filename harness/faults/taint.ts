import type { V1Node, V1Taint } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../cluster/cluster.ts'
import type { Machine } from '../cluster/machine.ts'
import { eventually } from '../eventually.ts'
import { nodeOf } from './cordon.ts'
import type { Fault } from './fault.ts'
import { faultKind } from './fault-kind.ts'
import { undoByKubectl } from './kubectl.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const

export interface TaintOptions {
  /** `NoExecute` evicts pods too, the others keep new ones away. Default: `NoSchedule`. */
  readonly effect?: (typeof effects)[number]
}

/** Ours by its name, so that no taint of anybody else is ever changed. */
const key = 'holdfast.dev/fault'
const writesWithinMs = 10_000

/** Taints a Node: with `NoExecute` its pods are evicted unless they tolerate it, otherwise only new ones stay away. */
export function taint(cluster: Cluster, machine: Machine, { effect = 'NoSchedule' }: TaintOptions = {}): Fault {
  const read = (): Promise<V1Node> => cluster.kubernetes.read<V1Node>(nodeOf(machine))
  const ours = ({ spec }: V1Node): V1Taint | undefined => spec?.taints?.find((one) => one.key === key)
  // The list is replaced as a whole: only if it is still the one that was read, since controllers write it too.
  const write = (change: (others: V1Taint[]) => V1Taint[]): Promise<unknown> =>
    eventually(
      `the taints of ${machine.name} to be written`,
      async () => {
        const { metadata, spec } = await read()
        const taints = change((spec?.taints ?? []).filter((one) => one.key !== key))
        const { resourceVersion } = metadata ?? {}
        const node = { ...nodeOf(machine), metadata: { name: machine.name, resourceVersion }, spec: { taints } }
        await cluster.kubernetes.merge(node as never)
        return true
      },
      { withinMs: writesWithinMs },
    )
  return {
    name: 'taint',
    target: { machines: [machine.name] },
    claims: [`${machine.name}/taint`],
    available: async () => {
      if (!machine.node) return `${machine.name} is no Node`
      return ours(await read()) ? `${machine.name} has a taint of a fault already` : undefined
    },
    inject: async () => {
      await write((others) => [...others, { key, effect }])
      if (ours(await read())?.effect !== effect) throw new Error(`${machine.name} does not have the taint`)
      return [{ proves: `${machine.name} has a taint of ours`, facts: { key, effect } }]
    },
    heal: async () => {
      await write((others) => others)
      if (ours(await read())) throw new Error(`${machine.name} still has the taint`)
      return [{ proves: `${machine.name} has the taint no longer`, facts: { key, tainted: false } }]
    },
    // To set it first makes taking it away idempotent.
    undo: () => [
      undoByKubectl(cluster, ['taint', 'nodes', machine.name, `${key}=:${effect}`, '--overwrite']),
      undoByKubectl(cluster, ['taint', 'nodes', machine.name, `${key}-`]),
    ],
  }
}

export const taintKind = faultKind({
  name: 'taint',
  group: 'API',
  describe: 'Taints a Node with a taint that nothing tolerates by name',
  hits: 'machine',
  evidence: { bit: 'the Node has the taint', ended: 'the Node no longer has it; its other taints are as they were' },
  options: z.object({
    effect: z
      .enum(effects)
      .default('NoSchedule')
      .describe('`NoExecute` evicts pods too, the others keep new ones away'),
  }),
  make: (machine, options, { cluster }) => taint(cluster, machine, options),
})
