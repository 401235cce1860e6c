import type { ReachSpec } from '../../agent/probes/reach.ts'
import { agnhostPorts } from '../../cluster/agnhost.ts'
import type { Cluster } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { now } from '../../record/clock.ts'
import type { RecordOf } from '../../record/records.ts'

export type Packet = RecordOf<'reach'>

/** Below the second after which the kernel retransmits: an answer to a retransmission would hide a loss. */
const timeoutMs = 900

/** A pod with an address that runs on a Node. */
export interface Target {
  readonly uid: string
  readonly name: string
  readonly node: string
  readonly address: string
  /** Whether packets leave from this pod too. */
  readonly isSender: boolean
}

/** Sends packets from machines and from inside pods to the addresses of pods, and records them with their answers. */
export class PodSender {
  readonly #cluster: Cluster
  readonly #namespace: string
  readonly #emit: (packet: Packet) => void
  /** The pods whose network namespace was entered: a new sandbox has a new address. */
  readonly #entered = new Set<string>()
  #packetBytes: number | undefined

  constructor(cluster: Cluster, namespace: string, emit: (packet: Packet) => void) {
    this.#cluster = cluster
    this.#namespace = namespace
    this.#emit = emit
  }

  /** Sends packets from a machine to its own pods, and from its sending pod to all others. */
  async send(machine: Machine, targets: readonly Target[]): Promise<readonly Packet[]> {
    if (!(await machine.running())) return []
    const here = targets.filter(({ node }) => node === machine.name)
    const own = here.find(({ isSender }) => isSender)
    const ranges = await routedRanges(machine).catch(() => undefined)
    if (!ranges) return []
    const others = own && (await this.#enter(machine, own)) ? targets.filter(({ uid }) => uid !== own.uid) : []
    const packets = await Promise.all([
      ...here.flatMap((target) => this.#sendEach(machine, ranges, undefined, target)),
      ...others.flatMap((target) => this.#sendEach(machine, ranges, own, target)),
    ])
    return packets.filter((packet) => packet !== undefined)
  }

  /** Returns whether the pod can send: a sandbox that has just ended is entered in a later round. */
  async #enter(machine: Machine, pod: Target): Promise<boolean> {
    if (this.#entered.has(keyOf(pod))) return true
    const place = { namespace: this.#namespace, name: pod.name }
    try {
      await machine.call('enterPod', { namespace: place.namespace, pod: pod.name })
      const argv = ['ip', '-o', 'link', 'show', 'eth0']
      const { stdout } = await machine.callInPod(place, 'exec', { argv, timeoutMs: 10_000 })
      this.#packetBytes ??= Number(/ mtu (\d+) /.exec(stdout)?.[1])
    } catch {
      return false
    }
    this.#entered.add(keyOf(pod))
    return true
  }

  #sendEach(
    machine: Machine,
    ranges: ReadonlySet<string>,
    sender: Target | undefined,
    target: Target,
  ): Promise<Packet | undefined>[] {
    const full = sender && this.#packetBytes ? [{ protocol: 'udp', bytes: this.#packetBytes } as const] : []
    const isRouted = ranges.has(this.#cluster.machine(target.node).spec.podRange ?? '')
    return [{ protocol: 'tcp' } as const, { protocol: 'udp' } as const, ...full].map((packet) => {
      const spec = this.#specOf(machine, sender, target, packet)
      return isRouted ? this.#send(machine, sender, spec) : Promise.resolve(this.#withoutRoute(spec))
    })
  }

  #specOf(
    machine: Machine,
    sender: Target | undefined,
    { name, address }: Target,
    packet: { readonly protocol: 'tcp' | 'udp'; readonly bytes?: number },
  ): ReachSpec {
    const from = sender ? `pod:${this.#namespace}/${sender.name}` : machine.name
    const to = { address, port: agnhostPorts[packet.protocol], pod: `${this.#namespace}/${name}` }
    return { from, through: '', service: '', ...to, ...packet, timeoutMs }
  }

  async #send(machine: Machine, sender: Target | undefined, spec: ReachSpec): Promise<Packet | undefined> {
    const place = sender && { namespace: this.#namespace, name: sender.name }
    try {
      const sent = await (place ? machine.callInPod(place, 'reach', spec) : machine.call('reach', spec))
      const packet = machine.onOurClock(sent)
      this.#emit(packet)
      return packet
    } catch {
      // The machine or the sandbox has ended: nothing was sent.
      if (sender) this.#entered.delete(keyOf(sender))
      return undefined
    }
  }

  /** The packet would leave the cluster through the default route, and another host might answer. */
  #withoutRoute({ from, address, port, protocol, pod = '', bytes }: ReachSpec): Packet {
    const at = now()
    const about = {
      from,
      to: `${address}:${port}`,
      through: '',
      service: '',
      protocol,
      pod,
      ...(bytes ? { bytes } : {}),
    }
    const packet = {
      kind: 'reach',
      at,
      endedAt: at,
      ...about,
      outcome: 'broken',
      error: 'no route to the pod',
    } as const
    this.#emit(packet)
    return packet
  }
}

const keyOf = ({ uid, address }: Target): string => `${uid} ${address}`

/** The ranges of addresses to which a machine has a route of its own. */
async function routedRanges(machine: Machine): Promise<ReadonlySet<string>> {
  const { stdout } = await machine.call('exec', { argv: ['ip', '-o', 'route', 'show'], timeoutMs: 5_000 })
  return new Set(stdout.split('\n').map((line) => line.split(' ')[0] ?? ''))
}
