import type { V1Node, V1Taint } from '@kubernetes/client-node'
import { z } from 'zod'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { eventually } from '../../common/eventually.ts'
import type { FaultBody } from '../engine/fault.ts'
import { defineFault } from '../engine/fault-kind.ts'
import { undoByKubectl } from './kubectl.ts'
import { nodeOf } from './node.ts'

const effects = ['NoSchedule', 'PreferNoSchedule', 'NoExecute'] as const

/** A key of Holdfast's own, so that no other taint is changed, and the key by which an administrator reports a Node as shut down. */
const keys = ['holdfast.dev/fault', 'node.kubernetes.io/out-of-service'] as const
type Key = (typeof keys)[number]
const writesWithinMs = 10_000

/** Taints a Node: `NoExecute` evicts pods without a toleration, the other effects only repel new ones. */
export const taint = defineFault({
  name: 'taint',
  describe: 'Adds the taint `holdfast.dev/fault` or `node.kubernetes.io/out-of-service` to a Node',
  hits: 'machine',
  evidence: {
    confirmed: 'the Node has the taint',
    cleared: 'the Node does not have the taint; its other taints are unchanged',
  },
  options: z.object({
    key: z
      .enum(keys)
      .default('holdfast.dev/fault')
      .describe('`node.kubernetes.io/out-of-service` reports a Node as shut down: its pods are deleted by force'),
    effect: z
      .enum(effects)
      .default('NoSchedule')
      .describe('`NoExecute` also evicts pods, the others only repel new ones'),
  }),
  create: (machine, { key, effect }, { cluster }) => taintFault(cluster, machine, key, effect),
})

function taintFault(cluster: Cluster, machine: Machine, key: Key, effect: (typeof effects)[number]): FaultBody {
  const read = (): Promise<V1Node> => cluster.kubernetes.read<V1Node>(nodeOf(machine))
  const taintOn = ({ spec }: V1Node): V1Taint | undefined => spec?.taints?.find((one) => one.key === key)
  // The patch replaces the whole list, which controllers write too: the resource version guards it.
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
      { timeoutMs: writesWithinMs },
    )
  return {
    target: { machines: [machine.name] },
    claims: [`${machine.name}/taint`],
    available: async () => {
      if (!machine.node) return `${machine.name} is not a Node`
      return taintOn(await read()) ? `${machine.name} already has the taint ${key}` : undefined
    },
    inject: async () => {
      await write((others) => [...others, { key, effect }])
      if (taintOn(await read())?.effect !== effect) throw new Error(`${machine.name} does not have the taint`)
      return [{ proves: `${machine.name} has the taint ${key}`, facts: { key, effect } }]
    },
    heal: async () => {
      await write((others) => others)
      if (taintOn(await read())) throw new Error(`${machine.name} still has the taint`)
      return [{ proves: `the taint ${key} of ${machine.name} is removed`, facts: { key, tainted: false } }]
    },
    // Setting the taint first makes its removal idempotent.
    undo: () => [
      undoByKubectl(cluster, ['taint', 'nodes', machine.name, `${key}=:${effect}`, '--overwrite']),
      undoByKubectl(cluster, ['taint', 'nodes', machine.name, `${key}-`]),
    ],
  }
}
