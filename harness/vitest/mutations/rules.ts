import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, withChanged, withAllChanged, type JournalMutation, last } from './mutation.ts'

/* Changes to kube-proxy's rules, and to the results of packets, in the recording of Services of every sort. */

const isTo =
  (service: string) =>
  ({ service: reported }: { readonly service: string }): boolean =>
    reported.endsWith(`/${service}`)

function faulty(records: readonly JournalRecord[], fault: string): { machine: string; from: number; until: number } {
  const edges = all(records, 'fault').filter((one) => one.fault === fault)
  const [machine = ''] = edges[0]?.target.machines ?? []
  const at = (edge: RecordOf<'fault'>['edge']): number => edges.find((one) => one.edge === edge)?.at ?? 0
  return { machine, from: at('injected'), until: at('healed') }
}

/** A machine whose rules no fault touched. */
function untouched(records: readonly JournalRecord[]): string {
  const struck = new Set(all(records, 'fault').flatMap(({ target }) => target.machines))
  return last(records, 'rules', ({ machine }) => !struck.has(machine)).machine
}

/** Changes every text of an untouched machine's rules. @throws where that changes nothing */
function texts(records: readonly JournalRecord[], change: (text: string) => string): JournalRecord[] {
  const machine = untouched(records)
  const fits = (one: RecordOf<'rules'>): boolean =>
    one.machine === machine && one.text !== undefined && change(one.text) !== one.text
  return withAllChanged(records, 'rules', fits, (one) => ({ ...one, text: change(one.text ?? '') }))
}

/** Later snapshots equal the first one. */
function stuck(
  records: readonly JournalRecord[],
  first: RecordOf<'rules'>,
  later: readonly RecordOf<'rules'>[],
): JournalRecord[] {
  const snapshots = new Map<JournalRecord, RecordOf<'rules'>>(
    later.map((one) => {
      const { text: _, ...snapshot } = one
      return [one, { ...snapshot, hash: first.hash }]
    }),
  )
  return records.map((record) => snapshots.get(record) ?? record)
}

/** One rule was deleted. */
export const ruleDeleted: JournalMutation = (records) =>
  texts(records, (text) => text.replace(/^-A KUBE-SERVICES .*\/web:tcp cluster IP.*\n/m, ''))

/** A probability was changed. */
export const weightChanged: JournalMutation = (records) =>
  texts(records, (text) => text.replaceAll(/(\/web:tcp -> .*--probability )0\.\d+/g, '$10.9'))

/** A kube-proxy received no change since the first snapshot of its rules: its endpoints are stale. */
export const frozenRules: JournalMutation = (records) => {
  const machine = untouched(records)
  const snapshots = all(records, 'rules').filter((one) => one.machine === machine)
  const [first, ...others] = snapshots.slice(Math.floor(snapshots.length / 3))
  if (!first) throw new Error('no rules were read')
  return stuck(records, first, others)
}

/** The rules of a stopped kube-proxy change. */
export const changedWhileDead: JournalMutation = (records) => {
  const { machine, from, until } = faulty(records, 'kill')
  const [, snapshot] = all(records, 'rules').filter(
    (one) => one.machine === machine && one.at > from && one.endedAt < until,
  )
  if (!snapshot) throw new Error('the rules of a stopped kube-proxy were not read twice')
  return withChanged(records, snapshot, { hash: 'another', text: '*nat\nCOMMIT\n' })
}

/** A connection fails while kube-proxy restarts. */
export const cutAtRestart: JournalMutation = (records) => {
  const { machine, from, until } = faulty(records, 'kill')
  const attempt = last(records, 'attempt', (one) => {
    return one.from === machine && one.ok && one.at > from && one.endedAt < until
  })
  return withChanged(records, attempt, { ok: false, backend: undefined, error: 'refused' })
}

/** Longer than any kube-proxy may take to write its rules again. */
const tooLongMs = 600_000

/** Removed rules are not written again until the fault is reverted, although kube-proxy had enough time. */
export const neverRepaired: JournalMutation = (records) => {
  const { machine, from, until } = faulty(records, 'flush-proxy')
  const snapshots = all(records, 'rules').filter((one) => one.machine === machine)
  const before = snapshots.findLast(({ at }) => at < from)?.hash
  const [empty, ...others] = snapshots.slice(snapshots.findIndex(({ at, hash }) => at > from && hash !== before))
  if (!empty) throw new Error('the removed rules were not read')
  const { text: _, ...seen } = empty
  const justBefore = until + tooLongMs - 1
  const last: JournalRecord = { ...seen, at: justBefore, endedAt: justBefore }
  const heals = (one: JournalRecord): boolean =>
    one.kind === 'fault' && one.fault === 'flush-proxy' && one.edge === 'healed'
  return stuck(records, empty, others).flatMap((one) => [
    ...(heals(one) ? [last] : []),
    one.at < until ? one : later(one, tooLongMs),
  ])
}

function later(record: JournalRecord, byMs: number): JournalRecord {
  const ended = 'endedAt' in record ? { endedAt: record.endedAt + byMs } : {}
  return { ...record, at: record.at + byMs, ...ended } as JournalRecord
}

/** A client is sent to another endpoint within its timeout, by a machine whose rules no fault touched. */
export const movedClient: JournalMutation = (records) => {
  const machine = untouched(records)
  const pods = new Set(
    all(records, 'attempt')
      .filter(isTo('web'))
      .map(({ backend }) => backend),
  )
  const fits = (one: RecordOf<'attempt'>): boolean => isTo('sticky')(one) && one.from === machine && one.ok
  const one = last(records, 'attempt', fits)
  return withChanged(records, one, { backend: [...pods].find((pod) => pod !== undefined && pod !== one.backend) })
}

/** Affinity was removed from the rules. */
export const affinityRemoved: JournalMutation = (records) =>
  texts(records, (text) => text.replaceAll(/^-A KUBE-SVC-.*\/sticky:.*--rcheck .*\n/gm, ''))

/** Clients that return late are always sent to their former endpoint. */
export const boundForEver: JournalMutation = (records) => {
  const { backend } = last(records, 'reach', (one) => isTo('forgetful')(one) && one.outcome === 'answered')
  return withAllChanged(records, 'reach', isTo('forgetful'), (one) => ({ ...one, backend }))
}

/** A local endpoint receives another address than the sender's. */
export const senderLost: JournalMutation = (records) => {
  // The first one: the last ones are to a terminating endpoint.
  const one = all(records, 'reach').find((record) => {
    return isTo('outside')(record) && record.through !== '' && record.outcome === 'answered'
  })
  if (!one) throw new Error('no external packet was answered')
  return withChanged(records, one, { client: '10.244.99.1' })
}

/** A Node without an endpoint answers an external probe. */
export const letIn: JournalMutation = (records) => {
  const one = amidst(records, ({ errorClass }) => errorClass === 'no-connection')
  return withChanged(records, one, { ok: true, backend: 'another', error: undefined, errorClass: undefined })
}

/** A Node with an endpoint does not let an external probe in. */
export const cutOff: JournalMutation = (records) => {
  const one = amidst(records, ({ ok, protocol }) => ok && protocol === 'tcp')
  const cut = { error: 'no connection in time', errorClass: 'no-connection' } as const
  return withChanged(records, one, { ok: false, backend: undefined, ...cut })
}

/** An external probe to a Service with policy Local, halfway before the step that changes its endpoints. */
function amidst(records: readonly JournalRecord[], fits: (one: RecordOf<'attempt'>) => boolean): RecordOf<'attempt'> {
  const [step] = all(records, 'step').filter(({ name }) => name.includes('serves while it terminates'))
  const own = all(records, 'attempt').filter(
    (one) => one.from === 'outside' && isTo('outside')(one) && one.at < (step?.at ?? 0) && fits(one),
  )
  const middle = own[Math.floor(own.length / 2)]
  if (!middle) throw new Error('no external probe was recorded')
  return middle
}

/** The health check reports an endpoint that does not exist. */
export const wrongHealthCheck: JournalMutation = (records) => {
  // Not on a machine whose endpoint was just removed: there either answer may be correct.
  const endpoints = new Set(all(records, 'health').flatMap(({ status, machine }) => (status === 200 ? [machine] : [])))
  const one = last(records, 'health', ({ status, machine }) => status === 503 && !endpoints.has(machine))
  return withChanged(records, one, { status: 200 })
}

/** The last endpoint receives no more packets while it is terminating. */
export const leavingCutOff: JournalMutation = (records) => {
  const [step] = all(records, 'step').filter(({ name }) => name.includes('serves while it terminates'))
  const one = all(records, 'reach').find(({ at, outcome, through }) => {
    return at > (step?.at ?? Infinity) && outcome === 'answered' && through !== ''
  })
  if (!one) throw new Error('no packet was sent to a terminating endpoint')
  return withChanged(records, one, { outcome: 'silent', backend: undefined, client: undefined })
}

/** A Node without an endpoint forwards packets that it should drop. */
export const sentOn: JournalMutation = (records) => {
  const one = last(records, 'reach', (record) => isTo('inside')(record) && record.outcome === 'silent')
  return withChanged(records, one, { outcome: 'answered', backend: 'another', client: '10.244.99.1' })
}

/** An endpoint that is not ready receives packets. */
export const unreadyAnswers: JournalMutation = (records) => {
  const one = last(records, 'reach', (record) => isTo('hidden')(record) && record.outcome === 'refused')
  return withChanged(records, one, { outcome: 'answered', backend: 'unready', client: '10.244.99.1' })
}

/** DNS returns the address of an endpoint that is not ready. */
export const unreadyNamed: JournalMutation = (records) =>
  withChanged(records, last(records, 'name', isTo('headless-hidden')), { addresses: ['10.244.99.9'] })

/** A sender of datagrams still uses an endpoint that was removed long ago. */
export const heldFlow: JournalMutation = (records) => {
  const [first] = all(records, 'flows').filter(({ flows }) => flows.length > 0)
  const latest = last(records, 'flows', ({ flows }) => flows.length > 0)
  if (!first) throw new Error('no flow was recorded')
  const late = { ...latest, at: latest.at + 10_000, flows: first.flows }
  return records.flatMap((record) => (record === latest ? [latest, late] : [record]))
}
