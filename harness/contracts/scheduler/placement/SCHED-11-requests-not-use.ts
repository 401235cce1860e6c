import { defineContract } from '../../../judge/contract.ts'
import { requireWatched } from '../../../judge/coverage/watch-coverage.ts'
import { counted, listed } from '../../../judge/verdict/format.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { gravest } from '../../../judge/verdict/gravest.ts'
import { noException, watchDelayMs } from '../../bounds.ts'
import { type BusyChoice, busyChoices } from './busy-choices.ts'

interface Chosen {
  readonly pod: string
  readonly node: string
  readonly busy: string
  /** Shares of the processors that were requested, in percent. */
  readonly requestedThere: number
  readonly requestedOnBusy: number
}

const found = findings({
  BUSY_NODE_AVOIDED: ({ pod, node, busy, requestedThere, requestedOnBusy }: Chosen) =>
    `The scheduler placed ${pod} on ${node}, where ${requestedThere} % of the processors are requested. On ${busy}, whose processors were in use, ${requestedOnBusy} % are.`,
  PLACED_BY_REQUESTS: ({ pods, nodes }: { readonly pods: number; readonly nodes: readonly string[] }) =>
    `${counted(pods, 'pod')} went to ${listed(nodes)}, where the fewest processors were requested and where they were in use.`,
})

/** SCHED-11. A default scheduler scores by requests; nothing reports live use to it. */
export const requestsNotUse = defineContract<BusyChoice>({
  id: 'SCHED-11',
  area: 'scheduler',
  promise:
    'The scheduler prefers the Node with the fewest requested resources, independent of how busy its processors are.',
  reference: 'https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/',
  stimulus: {
    needs: 'a pod that is placed while processors are in use on the Node with the fewest requests',
    find: busyChoices,
  },
  judge(recording, all) {
    const nodes = [...new Set(all.map(({ busy }) => busy))]
    return gravest(all, ({ pod, busy, shares, decidedAt, window }) => {
      const { life, node, placed } = pod
      for (const resource of ['nodes', 'pods'] as const) {
        requireWatched(recording, resource, decidedAt - watchDelayMs, placed.at)
      }
      const percent = (name: string): number => Math.round(100 * (shares.get(name)?.cpu ?? 0))
      const details = { measured: node === busy ? 0 : 1, bound: noException, fault: window.description }
      if (node === busy) {
        const observed = `${counted(all.length, 'pod')} on busy Nodes with few requests`
        return found.pass('PLACED_BY_REQUESTS', { pods: all.length, nodes }, { ...details, observed })
      }
      return found.fail(
        'BUSY_NODE_AVOIDED',
        {
          pod: `${life.namespace}/${life.name}`,
          node,
          busy,
          requestedThere: percent(node),
          requestedOnBusy: percent(busy),
        },
        { ...details, observed: 'a pod kept off a busy Node', evidence: [placed.record, ...window.records] },
      )
    })
  },
})
