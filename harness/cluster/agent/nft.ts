import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

/** What nft answers to a question that has always the same answer and asks no kernel: after it, a command's own is complete. */
const question = 'describe ip saddr'
const answer = 'payload expression, datatype ipv4_addr (IPv4 address) (basetype integer), 32 bits\n'

let session: Session | undefined

/**
 * One nft command, over a process that is kept: starting one takes ten times as long as most of what it is asked. Commands are
 * carried out one after the other, each wholly or not at all.
 * @throws what nft complains about
 */
export async function nft(command: string): Promise<string> {
  session = session?.open ? session : new Session()
  const said = await session.ask(command)
  if (/^Error: /m.test(said)) throw new Error(`nft: ${said.trim()}`)
  return said
}

/**
 * True for nft's own complaint that what was asked for is not there. An nft that can't be started for want of a library says
 * "No such file or directory" too.
 */
export const isAbsence = (error: unknown): boolean =>
  error instanceof Error && /^(nft: )?Error: No such file or directory/m.test(error.message)

interface Waiting {
  readonly resolve: (said: string) => void
  readonly reject: (error: Error) => void
}

class Session {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: Waiting[] = []
  #said = ''
  #ended: Error | undefined

  constructor() {
    // Complaints come between the answers, in the order in which they were made. It ends when its input does, so with us.
    this.#child = spawn('sh', ['-c', 'exec nft -i 2>&1'])
    this.#child.stdout.setEncoding('utf8')
    this.#child.stdout.on('data', (chunk: string) => this.#hear(chunk))
    this.#child.stdin.on('error', () => undefined)
    this.#child.on('error', (error) => this.#end(error))
    this.#child.on('close', () => this.#end(new Error(`nft has ended: ${this.#said.trim()}`)))
  }

  get open(): boolean {
    return this.#ended === undefined
  }

  ask(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      this.#waiting.push({ resolve, reject })
      // A line is a command, a block in braces included.
      this.#child.stdin.write(`${command.replaceAll('\n', ' ')}\n${question}\n`)
    })
  }

  #hear(chunk: string): void {
    this.#said += chunk
    for (let at = this.#said.indexOf(answer); at >= 0; at = this.#said.indexOf(answer)) {
      const said = this.#said.slice(0, at)
      this.#said = this.#said.slice(at + answer.length)
      this.#waiting.shift()?.resolve(said)
    }
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended)
  }
}
