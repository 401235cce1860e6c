import { describe, expect, test } from 'vitest'
import { serviceElement, tableRestoration, tableRules } from './proxy-table.ts'

const table = (services: string, endpoint = '\t\tmeta l4proto udp dnat to 10.244.3.2:53\n') =>
  [
    'table ip kube-proxy {',
    '\tcomment "rules for kube-proxy"',
    '\tmap service-ips {',
    '\t\ttype ipv4_addr . inet_proto . inet_service : verdict',
    '\t\telements = { 10.96.0.1 . tcp . 443 : goto service-2QRHZV4L-default/kubernetes/tcp/https,',
    '\t\t\t     10.96.0.10 . udp . 53 comment "dns" : goto service-FY5PMXPG-kube-system/kube-dns/udp/dns }',
    '\t}',
    '\tchain services {',
    services,
    '\t}',
    '',
    '\tchain nat-output {',
    '\t\ttype nat hook output priority dstnat; policy accept;',
    '\t\tjump services',
    '\t}',
    '',
    '\tchain endpoint-x {',
    `${endpoint}\t}`,
    '}',
    '',
  ].join('\n')
const saved = table(
  '\t\tip daddr . meta l4proto . th dport vmap @service-ips\n\t\tip daddr @nodeport-ips vmap @service-nodeports',
)

test('counts rules and not declarations of chains', () => {
  expect(tableRules(saved)).toBe(4)
  expect(tableRules('')).toBe(0)
})

describe('tableRestoration', () => {
  test('is the whole table when it is gone, and empty when nothing is missing', () => {
    expect(tableRestoration(saved, undefined)).toBe(saved)
    expect(tableRestoration(saved, saved)).toBe('')
  })

  test('contains the rules of empty chains, in order, without declarations', () => {
    const current = table('', '').replace('\t\tjump services\n', '')
    expect(tableRestoration(saved, current)).toBe(
      [
        'table ip kube-proxy {',
        '\tchain services {',
        '\t\tip daddr . meta l4proto . th dport vmap @service-ips',
        '\t\tip daddr @nodeport-ips vmap @service-nodeports',
        '\t}',
        '\tchain nat-output {',
        '\t\tjump services',
        '\t}',
        '\tchain endpoint-x {',
        '\t\tmeta l4proto udp dnat to 10.244.3.2:53',
        '\t}',
        '}',
        '',
      ].join('\n'),
    )
  })

  test('leaves what kube-proxy has written or removed since', () => {
    const current = table('\t\tip daddr 10.96.0.10 drop').replace(/\tchain endpoint-x[^]*$/, '}\n')
    expect(tableRestoration(saved, current)).toBe('')
  })
})

test("finds where a Service's packets go", () => {
  const where = (port: number, protocol: 'tcp' | 'udp') =>
    serviceElement(saved, { address: '10.96.0.10', protocol, port })
  expect(where(53, 'udp')).toBe('goto service-FY5PMXPG-kube-system/kube-dns/udp/dns')
  expect(where(53, 'tcp')).toBeUndefined()
  expect(where(5, 'udp')).toBeUndefined()
  expect(serviceElement(saved, { address: '0.96.0.1', protocol: 'tcp', port: 443 })).toBeUndefined()
})
