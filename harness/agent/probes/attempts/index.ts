import { Resolver } from 'node:dns/promises'
import { freshPortsTo } from '../fresh-ports.ts'
import type { Begin, Outcome, Target, Try } from './attempt.ts'
import { freshTcp } from './fresh-tcp.ts'
import { KeptTcp } from './kept-tcp.ts'
import { KeptUdp } from './kept-udp.ts'
import { udp } from './udp.ts'

export type { Outcome, Target, Try } from './attempt.ts'

/** How attempts at a target begin. A kept connection is closed at the end. */
export interface Way extends Disposable {
  readonly begin: Begin
}

export function wayTo(target: Target, connection: 'fresh' | 'kept'): Way {
  const ports = freshPortsTo(target)
  if (connection === 'kept') {
    const kept = target.protocol === 'tcp' ? new KeptTcp(target, ports) : new KeptUdp(target, ports)
    return { begin: kept.begin, [Symbol.dispose]: () => kept.close() }
  }
  const by = target.protocol === 'tcp' ? freshTcp : udp
  const begin = target.name
    ? resolved(target, target.name, (address) => by(target, ports, address))
    : by(target, ports, target.address)
  return { begin, [Symbol.dispose]: () => undefined }
}

/** Resolves the name first: an outage of DNS is an outage of the Service. */
function resolved(target: Target, { dns, host }: NonNullable<Target['name']>, to: (address: string) => Begin): Begin {
  const resolver = new Resolver({ tries: 1 })
  resolver.setServers([dns])
  return (ended) => {
    let next: Try | undefined
    let open = true
    const done = (outcome: Outcome): void => {
      if (!open) return
      open = false
      ended(outcome)
    }
    resolver.resolve4(host).then(
      ([address = target.address]) => {
        if (open) next = to(address)(done)
      },
      (error: NodeJS.ErrnoException) => done({ error: error.code ?? error.message, errorClass: 'no-name' }),
    )
    return {
      giveUp: () => {
        if (next) next.giveUp()
        else done({ error: 'no name in time', errorClass: 'no-name' })
      },
    }
  }
}
