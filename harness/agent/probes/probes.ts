import { now } from '../../record/clock.ts'
import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { Alarm } from './alarm.ts'
import { type Outcome, type Try, type Way, wayTo } from './attempts/index.ts'
import type { ProbeSpec } from '../rpc/parameters.ts'
import { Stalls } from './stalls.ts'

type Emit = (record: JournalRecord) => void

/** The share of an attempt's time in which the prober must have run before it can count as not answered. */
const leastWatched = 2 / 3

/** Of attempts closer to each other than this, a timer's millisecond is too large a part. */
const sharpBelowMs = 20

/**
 * Makes attempts at a fixed arrival rate: a slow answer never delays the next attempt, so an outage is recorded at full
 * length. One alarm serves all probes: probes of one rate make attempts at the same moments, and attempts are given up in
 * the order in which they began.
 */
export class Probes {
  readonly #emit: Emit
  readonly #ways: typeof wayTo
  readonly #running = new Set<Probe>()
  readonly #alarm = new Alarm(() => this.#advance())
  readonly #stalls = new Stalls()

  constructor(emit: Emit, ways = wayTo) {
    this.#emit = emit
    this.#ways = ways
  }

  start(spec: ProbeSpec): void {
    const way = this.#ways({ request: 'hostname', ...spec }, spec.connection ?? 'fresh')
    this.#running.add(new Probe(spec, way, this.#stalls, this.#emit))
    this.#stalls.keep(2 * spec.timeoutMs)
    if (1000 / spec.perSecond < sharpBelowMs) this.#alarm.sharpen()
    this.#wait()
  }

  stop(): void {
    this.#alarm[Symbol.dispose]()
    for (const probe of this.#running) probe[Symbol.dispose]()
    this.#running.clear()
  }

  #advance(): void {
    const time = now()
    this.#stalls.ran(time)
    for (const probe of this.#running) probe.advance(time)
    this.#wait()
  }

  #wait(): void {
    const next = Math.min(...[...this.#running].map((probe) => probe.nextAt))
    this.#stalls.expect(next)
    this.#alarm.set(next)
  }
}

interface Waiting {
  readonly attempt: Try
  readonly until: number
  ended: boolean
}

class Probe implements Disposable {
  readonly #spec: ProbeSpec
  readonly #emit: Emit
  readonly #way: Way
  readonly #stalls: Stalls
  readonly #period: number
  /** In the order of their beginning, which is also that of giving up. */
  readonly #waiting: Waiting[] = []
  #first: number
  #n = 0
  /** Beginning of the earliest attempt whose outcome this process was too late to observe. */
  #unseenSince = Infinity
  #stopped = false

  constructor(spec: ProbeSpec, way: Way, stalls: Stalls, emit: Emit) {
    this.#spec = spec
    this.#stalls = stalls
    this.#emit = emit
    this.#way = way
    this.#period = 1000 / spec.perSecond
    this.#first = Math.ceil(now() / this.#period) * this.#period
  }

  /** When the next action is due: an attempt begins, or is given up. */
  get nextAt(): number {
    return Math.min(this.#due, this.#waiting[0]?.until ?? Infinity)
  }

  advance(time: number): void {
    while (this.#waiting[0] && (this.#waiting[0].ended || this.#waiting[0].until <= time)) {
      const waiting = this.#waiting.shift()
      if (waiting && !waiting.ended) waiting.attempt.giveUp()
    }
    this.#passOver(time)
    for (; this.#due <= time; this.#n++) this.#try(this.#due)
  }

  [Symbol.dispose](): void {
    this.#stopped = true
    this.#way[Symbol.dispose]()
  }

  // Due times are computed from the first, not from the last, so that the rate does not drift.
  get #due(): number {
    return this.#first + this.#n * this.#period
  }

  /** A prober that was frozen observed nothing: attempts that it did not begin or observe become a gap, not an outage. */
  #passOver(time: number): void {
    const since = Math.min(this.#due, this.#unseenSince)
    if (time - this.#due >= this.#spec.timeoutMs) this.#n = Math.ceil((time - this.#first) / this.#period)
    else if (this.#unseenSince === Infinity) return
    this.#unseenSince = Infinity
    const { from, id } = this.#spec
    this.#emit({
      kind: 'gap',
      at: since,
      until: Math.max(time, this.#due),
      source: from,
      resource: `probe ${id}`,
      reason: 'the probe did not run',
    })
  }

  #try(due: number): void {
    const sentAt = now()
    const attempt = this.#way.begin((outcome) => {
      waiting.ended = true
      if (!this.#stopped) this.#end(due, sentAt, waiting.until, outcome)
    })
    const waiting: Waiting = { attempt, until: sentAt + this.#spec.timeoutMs, ended: false }
    this.#waiting.push(waiting)
  }

  /**
   * An attempt ends at its time-out, however late the prober notices: by then the kernel may have retransmitted a lost
   * packet, and that answer would hide the outage. A prober that did not run for much of the time missed answers itself:
   * that is no outage.
   */
  #end(due: number, sentAt: number, until: number, outcome: Outcome): void {
    const time = now()
    if (time < until) return this.#record(due, sentAt, outcome)
    const watchedMs = until - sentAt - this.#stalls.within(sentAt, until, time)
    if (watchedMs < this.#spec.timeoutMs * leastWatched) this.#unseenSince = Math.min(this.#unseenSince, sentAt)
    else this.#record(due, sentAt, 'backend' in outcome ? unanswered(outcome) : outcome)
  }

  #record(due: number, sentAt: number, outcome: Outcome): void {
    const { from, service, protocol, target, connection, address, name, port } = this.#spec
    if ('errorClass' in outcome && outcome.errorClass === 'rig') {
      const message = `The probe of ${service} from ${from} could not try: ${outcome.error}`
      return this.#emit({ kind: 'rig', at: due, message })
    }
    const attempt: RecordOf<'attempt'> = {
      kind: 'attempt',
      at: due,
      sentAt,
      endedAt: now(),
      from,
      to: `${name?.host ?? address}:${port}`,
      service,
      protocol,
      ...(target ? { target } : {}),
      ...(connection ? { connection } : {}),
      ok: 'backend' in outcome,
      ...outcome,
    }
    this.#emit(attempt)
  }
}

function unanswered({ sourcePort }: Outcome): Outcome {
  const why = { error: 'no answer in time', errorClass: 'no-answer' } as const
  return sourcePort === undefined ? why : { ...why, sourcePort }
}
