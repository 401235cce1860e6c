import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { eventually } from '../../../common/eventually.ts'
import { inTime } from '../../../common/in-time.ts'
import { readLines } from '../../../common/lines.ts'
import { unlessAbsent } from '../../ttl/absence.ts'
import { type Impairment, queueOf } from '../../kernel/impairment.ts'
import type { PacketRule } from '../../kernel/packet-rules.ts'
import type { Facts } from '../../rpc/results.ts'
import { makeQueue, queueFacts, removeQueue } from '../../kernel/queues.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** The fault's name in the kernel. */
  readonly table: string
  readonly rules: readonly PacketRule[]
  readonly impairment: Impairment
}

interface Running {
  readonly child: ChildProcess
  statistics: Facts
}

/** Mark of the copies that the program itself sends. It uses none of kube-proxy's bits. */
const mark = 0x0fa1_0000
/** Programs of this agent. Those of a killed agent end with their standard input, which was the agent's. */
const running = new Map<string, Running>()
const timeoutMs = 5_000

/** Passes packets to the program `impair`, on a kernel without netem. */
export const impair = agentAction({
  name: 'impair',
  do: async ({ table, rules, impairment }: Params) => {
    const queue = queueOf(table)
    await begin(table, queue, impairment)
    await makeQueue(table, rules, { queue, mark })
    return { table, queue, rules: rules.length }
  },
  undo: async ({ table }) => {
    // Rules first: the program then releases the packets that it holds, and receives no new ones.
    const removed = await removeQueue(table, mark)
    return { ...removed, ...(await end(table)) }
  },
  evidence: async ({ table }) => ({
    ...(await queueFacts(table)),
    ...running.get(table)?.statistics,
    held: alive(table),
  }),
})

async function begin(table: string, queue: number, impairment: Impairment): Promise<void> {
  const child = spawn('impair', ['-queue', String(queue), '-mark', String(mark)], { stdio: ['pipe', 'pipe', 'pipe'] })
  const one: Running = { child, statistics: {} }
  running.set(table, one)
  let complaint = ''
  child.stderr?.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  child.stdin?.on('error', () => undefined)
  child.stdin?.write(`${JSON.stringify(impairment)}\n`)
  await new Promise<void>((resolve, reject) => {
    child.on('error', reject)
    child.on('exit', () => reject(new Error(`impair has ended: ${complaint.trim()}`)))
    const lines = readLines(child.stdout, (line) => {
      const output = JSON.parse(line) as Facts
      if (output['ready']) resolve()
      else one.statistics = output
    })
    lines.catch(reject)
  })
}

function alive(table: string): boolean {
  const child = running.get(table)?.child
  return child !== undefined && child.exitCode === null && child.signalCode === null
}

/** `held` is false when the program had already ended: packets then passed unimpaired. */
async function end(table: string): Promise<Facts> {
  const held = alive(table)
  const one = running.get(table)
  if (one && held) {
    const exited = once(one.child, 'close')
    one.child.stdin?.end()
    await inTime('impair did not end', { withinMs: timeoutMs }, () => exited).catch((error: unknown) => {
      one.child.kill('SIGKILL')
      throw error
    })
  }
  running.delete(table)
  await eventually(`queue ${queueOf(table)} to be free`, async () => !(await boundQueues()).includes(queueOf(table)), {
    timeoutMs: timeoutMs,
    intervalMs: 5,
  })
  return { ...one?.statistics, held }
}

async function boundQueues(): Promise<number[]> {
  // A kernel that can't queue packets has no such file.
  const text = (await unlessAbsent(readFile('/proc/net/netfilter/nfnetlink_queue', 'utf8'))) ?? ''
  return text.split('\n').map((line) => Number(line.trim().split(/\s+/)[0]))
}
