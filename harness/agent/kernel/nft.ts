import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'

/** A query with a constant answer that involves no kernel: when it is answered, the output of the command before it is complete. */
const question = 'describe ip saddr'
const answer = 'payload expression, datatype ipv4_addr (IPv4 address) (basetype integer), 32 bits\n'

let session: Session | undefined

/**
 * Runs one nft command in a kept process: starting one takes ten times as long as most commands. Commands run one after the
 * other, each wholly or not at all.
 * @throws nft's error output
 */
export async function nft(command: string): Promise<string> {
  session = session?.open ? session : new Session()
  const output = await session.execute(command)
  if (/^Error: /m.test(output)) throw new Error(`nft: ${output.trim()}`)
  return output
}

/**
 * Returns whether nft reported that the object does not exist. An nft that can't start for want of a library prints "No
 * such file or directory" too.
 */
export const isAbsence = (error: unknown): boolean =>
  error instanceof Error && /^(nft: )?Error: No such file or directory/m.test(error.message)

interface Waiting {
  readonly resolve: (output: string) => void
  readonly reject: (error: Error) => void
}

class Session {
  readonly #child: ChildProcessWithoutNullStreams
  readonly #waiting: Waiting[] = []
  #output = ''
  #ended: Error | undefined

  constructor() {
    // Errors come between the answers, in their order. It ends with its input, and so with this agent.
    this.#child = spawn('sh', ['-c', 'exec nft -i 2>&1'])
    this.#child.stdout.setEncoding('utf8')
    this.#child.stdout.on('data', (chunk: string) => this.#receive(chunk))
    this.#child.stdin.on('error', () => undefined)
    this.#child.on('error', (error) => this.#end(error))
    this.#child.on('close', () => this.#end(new Error(`nft has ended: ${this.#output.trim()}`)))
  }

  get open(): boolean {
    return this.#ended === undefined
  }

  execute(command: string): Promise<string> {
    return new Promise((resolve, reject) => {
      if (this.#ended) return reject(this.#ended)
      this.#waiting.push({ resolve, reject })
      // A line is a command, a block in braces included.
      this.#child.stdin.write(`${command.replaceAll('\n', ' ')}\n${question}\n`)
    })
  }

  #receive(chunk: string): void {
    this.#output += chunk
    for (let at = this.#output.indexOf(answer); at >= 0; at = this.#output.indexOf(answer)) {
      const output = this.#output.slice(0, at)
      this.#output = this.#output.slice(at + answer.length)
      this.#waiting.shift()?.resolve(output)
    }
  }

  #end(error: Error): void {
    this.#ended ??= error
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended)
  }
}
