import { expect } from 'vitest'
import { serviceNetwork } from '../../../../harness/cluster/machine/machine-spec.ts'
import { testEffect, refused } from '../proving.ts'
import type { PodPair } from './pod-pair.ts'

export function dnsFailureTests(pair: () => PodPair): void {
  const resolved = (place: 'worker' | 'master') =>
    pair().machine(place).callInPod(pair().pod(place), 'resolve', {
      server: serviceNetwork.dns,
      name: 'kubernetes.default.svc.cluster.local',
      timeoutMs: 1_000,
    })
  const found = { addresses: [serviceNetwork.apiServer] }
  /** Connects to the same server over TCP, as a client with a long query does. */
  const overTcp = () =>
    pair().inPod('worker', `socat -u OPEN:/dev/null TCP:${serviceNetwork.dns}:53,connect-timeout=1 && echo open`)

  for (const [how, error] of [
    ['silent', /ETIMEOUT/],
    ['refused', /ECONNREFUSED/],
  ] as const) {
    testEffect('dns-failure', `${how} for the pods of one machine only`, pair, async () => {
      expect(await resolved('worker')).toEqual(found)
      const active = await pair().faults.dnsFailure([pair().machine('worker')], { how })
      await expect(resolved('worker')).rejects.toThrow(error)
      expect(await overTcp()).toBe('')
      expect(await resolved('master')).toEqual(found)
      await active.heal()
      expect(await resolved('worker')).toEqual(found)
      expect(await overTcp()).toBe('open\n')
    })
  }

  refused('dns-failure', "a machine that does not use the cluster's DNS", pair, async () =>
    pair().own.cluster.etcd.map((etcd) => () => pair().faults.dnsFailure([etcd])),
  )
}
