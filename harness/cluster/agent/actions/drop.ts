import { drop as dropPackets, dropped, undrop } from '../packets.ts'
import { agentAction } from './action.ts'

interface Params {
  /** The nftables table of ours that holds the rules. */
  readonly table: string
  /** Pairs of addresses: packets from one to the other are dropped. */
  readonly cut: readonly { readonly from: string; readonly to: string }[]
}

/** Drops packets between this machine's addresses and others. */
export const drop = agentAction({
  name: 'drop',
  do: ({ table, cut }: Params) => dropPackets(table, cut),
  undo: ({ table }) => undrop(table),
  proof: async ({ table }) => ({ table, packets: (await dropped(table)) ?? 0 }),
})
