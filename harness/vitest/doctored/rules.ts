import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, but, butAll, type Doctor, last } from './doctor.ts'

/* kube-proxy's rules, and what packets met, in the recording of Services of every sort. */

const isTo =
  (service: string) =>
  ({ service: told }: { readonly service: string }): boolean =>
    told.endsWith(`/${service}`)

function faulty(records: readonly JournalRecord[], fault: string): { machine: string; from: number; until: number } {
  const edges = all(records, 'fault').filter((one) => one.fault === fault)
  const [machine = ''] = edges[0]?.target.machines ?? []
  const at = (edge: RecordOf<'fault'>['edge']): number => edges.find((one) => one.edge === edge)?.at ?? 0
  return { machine, from: at('injected'), until: at('healed') }
}

/** A machine whose rules nobody touched. */
function untouched(records: readonly JournalRecord[]): string {
  const struck = new Set(all(records, 'fault').flatMap(({ target }) => target.machines))
  return last(records, 'rules', ({ machine }) => !struck.has(machine)).machine
}

/** Every text of an untouched machine's rules, changed. @throws where that changes nothing */
function texts(records: readonly JournalRecord[], change: (text: string) => string): JournalRecord[] {
  const machine = untouched(records)
  const fits = (one: RecordOf<'rules'>): boolean =>
    one.machine === machine && one.text !== undefined && change(one.text) !== one.text
  return butAll(records, 'rules', fits, (one) => ({ ...one, text: change(one.text ?? '') }))
}

/** Later looks find what the first one found. */
function stuck(
  records: readonly JournalRecord[],
  first: RecordOf<'rules'>,
  later: readonly RecordOf<'rules'>[],
): JournalRecord[] {
  const looks = new Map<JournalRecord, RecordOf<'rules'>>(
    later.map((one) => {
      const { text: _, ...look } = one
      return [one, { ...look, hash: first.hash }]
    }),
  )
  return records.map((record) => looks.get(record) ?? record)
}

/** One rule was deleted. */
export const ruleDeleted: Doctor = (records) =>
  texts(records, (text) => text.replace(/^-A KUBE-SERVICES .*\/web:tcp cluster IP.*\n/m, ''))

/** A weight was changed. */
export const weightChanged: Doctor = (records) =>
  texts(records, (text) => text.replaceAll(/(\/web:tcp -> .*--probability )0\.\d+/g, '$10.9'))

/** A kube-proxy has heard of nothing since its rules were read first: its endpoints are stale. */
export const frozenRules: Doctor = (records) => {
  const machine = untouched(records)
  const looks = all(records, 'rules').filter((one) => one.machine === machine)
  const [first, ...others] = looks.slice(Math.floor(looks.length / 3))
  if (!first) throw new Error('nobody looked')
  return stuck(records, first, others)
}

/** The rules of a kube-proxy that is dead change. */
export const changedWhileDead: Doctor = (records) => {
  const { machine, from, until } = faulty(records, 'kill')
  const [, look] = all(records, 'rules').filter(
    (one) => one.machine === machine && one.at > from && one.endedAt < until,
  )
  if (!look) throw new Error('nobody looked twice at the rules of a kube-proxy that was dead')
  return but(records, look, { hash: 'another', text: '*nat\nCOMMIT\n' })
}

/** A connection fails while kube-proxy comes back. */
export const cutAtRestart: Doctor = (records) => {
  const { machine, from, until } = faulty(records, 'kill')
  const attempt = last(records, 'attempt', (one) => {
    return one.from === machine && one.ok && one.at > from && one.endedAt < until
  })
  return but(records, attempt, { ok: false, backend: undefined, error: 'refused' })
}

/** Longer than any kube-proxy may take to write its rules again. */
const tooLongMs = 600_000

/** Rules that were taken away are not written again, for so long that kube-proxy should have, until the fault is healed. */
export const neverRepaired: Doctor = (records) => {
  const { machine, from, until } = faulty(records, 'flush-proxy')
  const looks = all(records, 'rules').filter((one) => one.machine === machine)
  const before = looks.findLast(({ at }) => at < from)?.hash
  const [empty, ...others] = looks.slice(looks.findIndex(({ at, hash }) => at > from && hash !== before))
  if (!empty) throw new Error('nobody looked at the rules that were taken away')
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

/** A client is sent elsewhere in the middle of its time-out, by a machine whose rules nobody touched. */
export const movedClient: Doctor = (records) => {
  const machine = untouched(records)
  const pods = new Set(
    all(records, 'attempt')
      .filter(isTo('web'))
      .map(({ backend }) => backend),
  )
  const fits = (one: RecordOf<'attempt'>): boolean => isTo('sticky')(one) && one.from === machine && one.ok
  const one = last(records, 'attempt', fits)
  return but(records, one, { backend: [...pods].find((pod) => pod !== undefined && pod !== one.backend) })
}

/** Affinity was removed from the rules. */
export const affinityRemoved: Doctor = (records) =>
  texts(records, (text) => text.replaceAll(/^-A KUBE-SVC-.*\/sticky:.*--rcheck .*\n/gm, ''))

/** Clients that come back late are sent where they were sent before, for ever. */
export const boundForEver: Doctor = (records) => {
  const { backend } = last(records, 'reach', (one) => isTo('forgetful')(one) && one.outcome === 'answered')
  return butAll(records, 'reach', isTo('forgetful'), (one) => ({ ...one, backend }))
}

/** Who sent it is not told to a local endpoint. */
export const senderLost: Doctor = (records) => {
  // The first one: those at the end are to an endpoint that is on its way out.
  const one = all(records, 'reach').find((record) => {
    return isTo('outside')(record) && record.through !== '' && record.outcome === 'answered'
  })
  if (!one) throw new Error('nothing from outside was answered')
  return but(records, one, { client: '10.244.99.1' })
}

/** A probe from outside is answered by a Node without an endpoint. */
export const letIn: Doctor = (records) => {
  const one = amidst(records, ({ errorClass }) => errorClass === 'no-connection')
  return but(records, one, { ok: true, backend: 'another', error: undefined, errorClass: undefined })
}

/** A probe from outside is not let in by a Node with an endpoint. */
export const cutOff: Doctor = (records) => {
  const one = amidst(records, ({ ok, protocol }) => ok && protocol === 'tcp')
  const cut = { error: 'no connection in time', errorClass: 'no-connection' } as const
  return but(records, one, { ok: false, backend: undefined, ...cut })
}

/** A probe from outside to a Service with policy Local, in the middle of those before the step that changes its endpoints. */
function amidst(records: readonly JournalRecord[], fits: (one: RecordOf<'attempt'>) => boolean): RecordOf<'attempt'> {
  const [step] = all(records, 'step').filter(({ name }) => name.includes('told to stop'))
  const own = all(records, 'attempt').filter(
    (one) => one.from === 'outside' && isTo('outside')(one) && one.at < (step?.at ?? 0) && fits(one),
  )
  const middle = own[Math.floor(own.length / 2)]
  if (!middle) throw new Error('nobody probed from outside')
  return middle
}

/** Load balancers are told that there is an endpoint where there is none. */
export const healthLies: Doctor = (records) => {
  // Not one on a machine whose endpoint has just gone: there either may be right.
  const endpoints = new Set(all(records, 'health').flatMap(({ status, machine }) => (status === 200 ? [machine] : [])))
  const one = last(records, 'health', ({ status, machine }) => status === 503 && !endpoints.has(machine))
  return but(records, one, { status: 200 })
}

/** The last endpoint is not sent to any more while it is terminating. */
export const leavingCutOff: Doctor = (records) => {
  const [step] = all(records, 'step').filter(({ name }) => name.includes('told to stop'))
  const one = all(records, 'reach').find(({ at, outcome, through }) => {
    return at > (step?.at ?? Infinity) && outcome === 'answered' && through !== ''
  })
  if (!one) throw new Error('nothing was sent to an endpoint that was told to stop')
  return but(records, one, { outcome: 'silent', backend: undefined, client: undefined })
}

/** A Node without an endpoint sends on what it should drop. */
export const sentOn: Doctor = (records) => {
  const one = last(records, 'reach', (record) => isTo('inside')(record) && record.outcome === 'silent')
  return but(records, one, { outcome: 'answered', backend: 'another', client: '10.244.99.1' })
}

/** An endpoint that is not ready is sent to. */
export const unreadyAnswers: Doctor = (records) => {
  const one = last(records, 'reach', (record) => isTo('hidden')(record) && record.outcome === 'refused')
  return but(records, one, { outcome: 'answered', backend: 'unready', client: '10.244.99.1' })
}

/** DNS tells the address of an endpoint that is not ready. */
export const unreadyNamed: Doctor = (records) =>
  but(records, last(records, 'name', isTo('headless-hidden')), { addresses: ['10.244.99.9'] })

/** A sender of datagrams is held at an endpoint that has long gone. */
export const heldFlow: Doctor = (records) => {
  const [first] = all(records, 'flows').filter(({ flows }) => flows.length > 0)
  const latest = last(records, 'flows', ({ flows }) => flows.length > 0)
  if (!first) throw new Error('no flow was seen')
  const late = { ...latest, at: latest.at + 10_000, flows: first.flows }
  return records.flatMap((record) => (record === latest ? [latest, late] : [record]))
}
