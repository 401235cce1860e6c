import { type Fate, type PacketRule, type Place, tableScript } from '../../kernel/packet-rules.ts'
import { makeTable, removeTable, tableFacts } from '../../kernel/packet-tables.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Holdfast's nftables table with the rules. */
  readonly table: string
  readonly place: Place
  readonly rules: readonly PacketRule[]
  readonly fate: Fate
}

/** Ends packets at this machine, with rules that count them. */
export const cut = agentAction({
  name: 'cut',
  do: async ({ table, place, rules, fate }: Params) => {
    await makeTable(tableScript(table, place, rules, fate))
    return { table, rules: rules.length }
  },
  undo: ({ table }) => removeTable(table),
  evidence: ({ table }) => tableFacts(table),
})
