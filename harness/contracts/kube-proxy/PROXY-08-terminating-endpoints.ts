import { defineContract } from '../../judge/contract.ts'
import type { Reached } from '../../judge/kube-proxy/reached.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { packetsSent, reference } from './proxy-facts.ts'
import { isExternalLocal, isInternalLocal, oldestRules, wrongPacket } from './traffic/packet-results.ts'

const found = findings({
  TERMINATING_SERVED: ({ packets }: { readonly packets: number }) =>
    `The last endpoint received and answered ${counted(packets, 'packet')} while it was terminating.`,
})

export const terminatingEndpoints = defineContract<Reached>({
  id: 'PROXY-08',
  area: 'kube-proxy',
  promise:
    'With traffic policy Local, endpoints that are terminating and still serving receive traffic when no other local endpoint is left.',
  reference,
  stimulus: {
    needs: 'a packet to a Service with traffic policy Local whose local endpoints are all terminating',
    find: (recording) =>
      packetsSent(recording).filter((sent) => (isExternalLocal(sent) || isInternalLocal(sent)) && isTerminating(sent)),
  },
  judge(recording, packets) {
    const observed = counted(packets.length, 'packet')
    return (
      wrongPacket(packets) ??
      found.pass('TERMINATING_SERVED', { packets: packets.length }, { observed, ...oldestRules(recording, packets) })
    )
  },
})

const isTerminating = ({ endpoints }: Reached): boolean => endpoints.some(({ terminating }) => terminating)
