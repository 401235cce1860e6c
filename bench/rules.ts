import { HoldfastError } from '../harness/common/errors.ts'
import { compare } from '../harness/judge/kube-proxy/rules/compare.ts'
import { expectations } from '../harness/judge/kube-proxy/rules/model.ts'
import { readRules } from '../harness/judge/kube-proxy/rules/read-rules.ts'
import { iptablesText } from '../harness/judge/kube-proxy/testing/iptables-text.ts'
import { nftText } from '../harness/judge/kube-proxy/testing/nft-text.ts'
import { machineNamed, manyServices } from '../harness/judge/kube-proxy/testing/service-samples.ts'
import type { Figure } from './figures.ts'

const modes = { iptables: iptablesText, nftables: nftText } as const

/**
 * Compares one machine's rules with its Services, from the text of iptables or nft to the list of differences. Half of the
 * Services have session affinity, which needs a second walk for each endpoint.
 */
export function benchRules(options: { runs: number; services: number; endpoints: number }): Figure[] {
  const { runs, services, endpoints } = options
  const machine = machineNamed('worker1')
  const [plain, sticky] = [manyServices(services, endpoints), manyServices(services, endpoints, 10_800)]
  const ports = plain.map((port, n) => (n % 2 === 0 ? port : (sticky[n] ?? port)))
  return Object.entries(modes).map(([mode, write]) => {
    const text = write(ports, machine)
    const values = Array.from({ length: runs }, () => {
      const began = performance.now()
      const wrong = compare(expectations(ports, machine), readRules(mode as keyof typeof modes, text, machine), machine)
      const seconds = (performance.now() - began) / 1000
      if (wrong.length > 0) {
        throw new HoldfastError('HF_BENCH_WRONG', `Correct rules were reported as different: ${wrong[0]?.what}.`, {
          hint: 'Run the tests of harness/judge/kube-proxy.',
        })
      }
      return seconds
    })
    return { name: `${mode}: ${services} Services x ${endpoints} endpoints, one machine`, unit: 's', values }
  })
}
