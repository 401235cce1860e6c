import { defineContract } from '../../judge/contract.ts'
import type { Reached } from '../../judge/kube-proxy/reached.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { packetsSent, reference } from './proxy-facts.ts'
import { type NameAnswer, headlessAnswers, isWithheld, wrongName } from './traffic/names.ts'
import { oldestRules, wrongPacket } from './traffic/packet-results.ts'

interface ToUnready {
  readonly packets: readonly Reached[]
  readonly names: readonly NameAnswer[]
}

interface Unready {
  readonly refused: number
  readonly published: number
  readonly withheld: number
  readonly named: number
}

const found = findings({
  UNREADY_LEFT_OUT: ({ refused, published, withheld, named }: Unready) =>
    `Services without a ready endpoint refused ${counted(refused, 'packet')}, and those that publish such endpoints answered ${published}; DNS withheld their addresses ${counted(withheld, 'time')} and returned published or ready ones ${counted(named, 'time')}.`,
})

export const unreadyEndpoints = defineContract<ToUnready>({
  id: 'PROXY-10',
  area: 'kube-proxy',
  promise:
    'Endpoints that are not ready receive no traffic and are not in DNS, unless their Service publishes not-ready addresses; headless Services have no rules.',
  reference,
  stimulus: {
    needs: 'the use of a Service whose endpoints are not ready, or of the name of a headless Service',
    find(recording) {
      const packets = packetsSent(recording).filter(isUnready)
      const names = headlessAnswers(recording)
      return packets.length + names.length > 0 ? [{ packets, names }] : []
    },
  },
  judge(recording, [{ packets, names }]) {
    const wrong = wrongPacket(packets) ?? wrongName(recording, names)
    if (wrong) return wrong
    const values = {
      refused: packets.filter(({ refusal }) => refusal === 'reject').length,
      published: packets.filter(({ endpoints }) => endpoints.length > 0).length,
      withheld: names.filter(isWithheld).length,
      named: names.filter(({ record }) => record.addresses.length > 0).length,
    }
    const observed = `${values.refused} refused, ${values.withheld} withheld`
    return found.pass('UNREADY_LEFT_OUT', values, { observed, ...oldestRules(recording, packets) })
  },
})

const isUnready = ({ port }: Reached): boolean =>
  port.endpoints.length > 0 && port.endpoints.every(({ serving, terminating }) => !serving && !terminating)
