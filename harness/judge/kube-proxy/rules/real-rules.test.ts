import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { readObject } from '../../recording/kubernetes-objects.ts'
import { compare } from './compare.ts'
import { expectations } from './model.ts'
import { readRules } from './read-rules.ts'
import { servicePorts } from '../service-ports.ts'

/*
 * Taken from worker1 of a cluster of topology single, Kubernetes v1.37.2: the same Services first with kube-proxy in
 * mode iptables, then, restarted, in mode nftables. plain, sticky (ClientIP for 10 s), local (both policies Local),
 * none (no endpoint) and balanced (a load balancer's address with restricted sources) are the Services besides
 * Kubernetes' own.
 */
const real = join(import.meta.dirname, 'testing', 'real')
const dump = { iptables: 'iptables.txt', nftables: 'nftables.json' } as const
const read = (name: string): string => readFileSync(join(real, name), 'utf8')

const named = z.object({ metadata: z.object({ namespace: z.string(), name: z.string() }).loose() })
const objects = z
  .object({
    machine: z.object({ name: z.string(), address: z.string(), zone: z.string(), podRange: z.string() }),
    services: z.array(named.loose()),
    slices: z.array(named.loose()),
  })
  .parse(JSON.parse(read('objects.json')))

const ports = servicePorts(
  objects.services.map((one) => ({ ...one.metadata, object: readObject('services', one) })),
  objects.slices.map((one) => ({ ...one.metadata, object: readObject('endpointslices', one) })),
)
const expected = expectations(ports, objects.machine)

describe.each(['iptables', 'nftables'] as const)('a real kube-proxy in mode %s', (mode) => {
  const text = read(dump[mode])

  test('implements its Services', () => {
    expect(ports.map(({ service }) => service)).toContain('default/sticky')
    expect(expected.length).toBeGreaterThan(50)
    expect(compare(expected, readRules(mode, text, objects.machine), objects.machine)).toEqual([])
  })

  test('has differences if it lacks the last change', () => {
    const gone = ports.map((port) =>
      port.service === 'default/plain' ? { ...port, endpoints: port.endpoints.slice(1) } : port,
    )
    const found = compare(expectations(gone, objects.machine), readRules(mode, text, objects.machine), objects.machine)
    expect(new Set(found.map(({ service }) => service))).toEqual(
      new Set(['default/plain:tcp (tcp 80)', 'default/plain:udp (udp 81)']),
    )
    expect(found).toContainEqual(
      expect.objectContaining({
        machine: 'worker1',
        what: expect.stringMatching(/^goes to [\d.]+:8080 in 33.33 % of all cases, and never should$/),
        rule: expect.stringMatching(
          mode === 'iptables' ? /^rule \d of KUBE-SEP-/ : /^rule \d of service-\w+-default\/plain\/tcp\/tcp$/,
        ),
      }),
    )
  })
})
