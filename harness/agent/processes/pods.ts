import { type ChildProcess, spawn } from 'node:child_process'
import { Connection } from '../rpc/connection.ts'
import { containers } from './runtime-containers.ts'
import type { Event } from '../rpc/protocol.ts'

/** Copies of the agent inside pods' network namespaces: they observe the network as a pod, without the API server's exec. */
export class Pods {
  readonly #entered = new Map<string, { child: ChildProcess; connection: Connection }>()
  readonly #forward: (event: Event) => void

  constructor(forward: (event: Event) => void) {
    this.#forward = forward
  }

  async enter(namespace: string, pod: string): Promise<void> {
    const sandbox = (await containers()).find(
      (one) => one.namespace === namespace && one.pod === pod && one.name === 'pause',
    )
    if (!sandbox) throw new Error(`no sandbox of pod ${namespace}/${pod} runs on this machine`)
    const [node = '', agent = ''] = process.argv
    const child = spawn('nsenter', ['--target', String(sandbox.pid), '--net', node, agent, `pod:${pod}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const connection = new Connection(`pod ${namespace}/${pod}`, child.stdout, child.stdin, this.#forward)
    this.#entered.set(`${namespace}/${pod}`, { child, connection })
    await connection.call('hello', {})
  }

  async call(namespace: string, pod: string, method: string, params: unknown): Promise<unknown> {
    const entered = this.#entered.get(`${namespace}/${pod}`)
    if (!entered) throw new Error(`pod ${namespace}/${pod} was not entered`)
    return entered.connection.call(method as never, params as never)
  }

  leave(): void {
    for (const { child } of this.#entered.values()) child.stdin?.end()
    this.#entered.clear()
  }
}
