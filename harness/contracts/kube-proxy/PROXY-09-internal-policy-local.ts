import { defineContract } from '../../judge/contract.ts'
import type { Reached } from '../../judge/kube-proxy/reached.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { packetsSent, reference } from './proxy-facts.ts'
import { isInternalLocal, oldestRules, wrongPacket } from './traffic/packet-results.ts'

const found = findings({
  LOCAL_INSIDE: ({ answered, dropped }: { readonly answered: number; readonly dropped: number }) =>
    `Nodes with an endpoint answered ${counted(answered, 'packet')} themselves, and Nodes without one dropped ${dropped}.`,
})

export const internalPolicyLocal = defineContract<Reached>({
  id: 'PROXY-09',
  area: 'kube-proxy',
  promise:
    'With internal traffic policy Local a Node sends packets to endpoints on the same Node, and drops them without one.',
  reference,
  stimulus: {
    needs: 'a packet to a Service with internal traffic policy Local',
    find: (recording) => packetsSent(recording).filter(isInternalLocal),
  },
  judge(recording, packets) {
    const answered = packets.filter(({ endpoints }) => endpoints.length > 0).length
    const dropped = packets.filter(({ refusal }) => refusal === 'drop').length
    const observed = `${answered} answered, ${dropped} dropped`
    return (
      wrongPacket(packets) ??
      found.pass('LOCAL_INSIDE', { answered, dropped }, { observed, ...oldestRules(recording, packets) })
    )
  },
})
