import { expect } from 'vitest'
import { agnhostPorts } from '../../../../harness/cluster/agnhost.ts'
import { testEffect } from '../proving.ts'
import type { PodPair } from './pod-pair.ts'

export function halfOpenTests(pair: () => PodPair): void {
  testEffect('half-open', 'a connection opens and carries no data', pair, async () => {
    const to = `TCP:${pair().pod('master').address}:${agnhostPorts.tcp}`
    const opens = () => pair().inPod('worker', `socat -u OPEN:/dev/null ${to},connect-timeout=2 && echo open`)
    const active = await pair().faults.halfOpen(pair().wayThere, { network: 'pods', port: agnhostPorts.tcp })
    expect(await opens()).toBe('open\n')
    expect((await pair().drawn('tcp', 1)).failed).toBe(1)
    expect((await pair().drawn('udp', 1)).failed, 'a protocol without connections').toBe(0)
    await active.heal()
    expect((await pair().drawn('tcp', 1)).failed).toBe(0)
  })
}
