import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads'
import type { Operation } from './history.ts'
import type { Search } from './search.ts'

/** What one search may take of the host. */
export interface Allowance {
  readonly timeMs: number
  readonly memoryMB: number
}

/** What the search's thread is handed. */
export interface SearchTask extends Allowance {
  readonly operations: readonly Operation[]
  readonly port: MessagePort
  /** Set to 1 once the answer has been posted. */
  readonly answered: Int32Array
}

const defaultAllowance: Allowance = { timeMs: 20_000, memoryMB: 512 }

/** Beyond its own reckoning a thread gets this long to start and to answer, and this much for what it is made of. */
const startMs = 5_000
const threadMB = 64

/**
 * A search in a thread of its own, with as much time and memory as it is given: one that needs more is `undecided`, and takes
 * nothing else down with it. It blocks, as judges do.
 */
export function searchWithin(operations: readonly Operation[], allowance: Allowance = defaultAllowance): Search {
  const { port1, port2 } = new MessageChannel()
  const answered = new Int32Array(new SharedArrayBuffer(4))
  const workerData = { ...allowance, operations, port: port2, answered }
  const worker = new Worker(new URL('./search-worker.ts', import.meta.url), {
    workerData,
    transferList: [port2],
    resourceLimits: { maxOldGenerationSizeMb: threadMB + allowance.memoryMB },
    execArgv: [],
    stderr: true,
  })
  // A thread that ran out of memory ends by itself; to this one that is an answer that did not come.
  worker.on('error', () => undefined)
  try {
    const woken = Atomics.wait(answered, 0, 0, allowance.timeMs + startMs)
    const message = woken === 'timed-out' ? undefined : receiveMessageOnPort(port1)
    return (message?.message as Search | undefined) ?? { result: 'undecided', reason: overBudget(allowance) }
  } finally {
    port1.close()
    void worker.terminate()
  }
}

function overBudget({ timeMs, memoryMB }: Allowance): string {
  return `the search did not end within ${timeMs / 1000} s and ${memoryMB} MB`
}
