import { Worker } from 'node:worker_threads'
import { now } from '../../record/clock.ts'

/** Rings at the time that was set last. Node's timers have whole milliseconds, so it rings up to one late. */
export class Alarm implements Disposable {
  readonly #ring: () => void
  #timer: NodeJS.Timeout | undefined
  #sleeper: Sleeper | undefined

  constructor(ring: () => void) {
    this.#ring = ring
  }

  /** From now on precise to a fraction of a millisecond, by a thread that takes some megabytes. */
  sharpen(): void {
    clearTimeout(this.#timer)
    this.#sleeper ??= new Sleeper(this.#ring)
  }

  /** `at` is a time of `now`; Infinity for never. It may also ring for the time set before. */
  set(at: number): void {
    clearTimeout(this.#timer)
    if (this.#sleeper) this.#sleeper.set(at)
    else if (at < Infinity) this.#timer = setTimeout(this.#ring, Math.max(0, at - now()))
  }

  [Symbol.dispose](): void {
    clearTimeout(this.#timer)
    this.#sleeper?.[Symbol.dispose]()
    this.#sleeper = undefined
  }
}

/** A thread that sleeps until it has to ring. It is set through shared memory: a sleeping thread receives no message. */
class Sleeper implements Disposable {
  readonly #turn: Int32Array
  readonly #at: Float64Array
  readonly #worker: Worker

  constructor(ring: () => void) {
    const shared = new SharedArrayBuffer(16)
    this.#turn = new Int32Array(shared, 0, 1)
    this.#at = new Float64Array(shared, 8, 1)
    this.#at[0] = Infinity
    this.#worker = new Worker(`(${sleep.toString()})()`, { eval: true, workerData: shared, resourceLimits })
    this.#worker.on('message', ring)
  }

  set(at: number): void {
    this.#at[0] = at
    Atomics.add(this.#turn, 0, 1)
    Atomics.notify(this.#turn, 0)
  }

  [Symbol.dispose](): void {
    void this.#worker.terminate()
  }
}

const resourceLimits = { maxOldGenerationSizeMb: 8, maxYoungGenerationSizeMb: 2 }

/** Sent as text: it may use nothing from its scope. */
function sleep(): never {
  const { parentPort, workerData } = process.getBuiltinModule('node:worker_threads')
  const turn = new Int32Array(workerData as SharedArrayBuffer, 0, 1)
  const at = new Float64Array(workerData as SharedArrayBuffer, 8, 1)
  for (;;) {
    const seen = Atomics.load(turn, 0)
    const leftMs = (at[0] ?? Infinity) - Number(process.hrtime.bigint()) / 1e6
    if (leftMs > 0) Atomics.wait(turn, 0, seen, leftMs)
    else {
      parentPort?.postMessage(undefined)
      Atomics.wait(turn, 0, seen)
    }
  }
}
