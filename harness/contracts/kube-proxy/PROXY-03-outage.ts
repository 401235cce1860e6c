import { requireProbed } from '../../judge/coverage/probe-coverage.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { type FaultWindow, type Interval, certain, during } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { RuleSnapshot } from '../../judge/kube-proxy/rule-snapshots.ts'
import { portHistory, stateAt } from '../../judge/kube-proxy/port-history.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { counted } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { noException, rulesFollow } from '../bounds.ts'
import { disturbedAgain } from './disturbances.ts'
import { outages, proxyFacts, reference } from './proxy-facts.ts'
import { type Cut, attemptsToKept, cutByRules } from './traffic/kept-services.ts'

interface Outage {
  readonly machine: string
  readonly window: FaultWindow
  /** When kube-proxy certainly did not run and no other fault changed what rules do. */
  readonly time: Interval
  readonly snapshots: readonly RuleSnapshot[]
  /** Attempts to Services that did not change in this time. */
  readonly attempts: readonly RecordOf<'attempt'>[]
}

const found = findings({
  RULES_CHANGED: ({ machine }: { readonly machine: string }) =>
    `The rules of ${machine} changed while its kube-proxy was down.`,
  CONNECTION_FAILED: ({ machine, service, protocol, error, failed }: Cut) =>
    `${counted(failed, 'connection')} from ${machine} failed while its kube-proxy was down, the first to ${service} over ${protocol} (${error}).`,
  RULES_OUTLIVED: ({ connections, looks, unreached }: { connections: number; looks: number; unreached: number }) =>
    `${counted(looks, 'snapshot')} had the same rules, ${counted(connections, 'connection')} reached Services that existed before, and ${counted(unreached, 'packet')} did not reach a new one that other Nodes reached.`,
})

export const outage = defineContract<Outage>({
  id: 'PROXY-03',
  area: 'kube-proxy',
  promise:
    'The rules of a Node do not change while its kube-proxy is down: the Node reaches the Services that existed before, and no new ones.',
  reference,
  stimulus: {
    needs: 'a kube-proxy that is down while its Node uses a Service and its rules are read twice',
    find: (recording) =>
      outagesIn(recording).filter(({ snapshots, attempts }) => snapshots.length > 1 && attempts.length > 0),
  },
  judge: (recording, all) => gravest(all, (outage) => judgeOutage(recording, outage)),
})

function outagesIn(recording: Recording): Outage[] {
  const downs = outages(recording, { frozen: true }).filter(({ restarted }) => !restarted)
  if (downs.length === 0 || recording.of('rules').length === 0) return []
  const { snapshotsOf, isKnown } = proxyFacts(recording)
  const { limit } = rulesFollow(recording)
  const end = span(recording).until
  return downs.flatMap(({ machine, ...window }) => {
    const sure = certain(window)
    const until = Math.min(sure.until, disturbedAgain(recording, machine, window), end)
    const time = { from: sure.from, until }
    if (time.until <= time.from || !isKnown(time)) return []
    const snapshots = (snapshotsOf.get(machine)?.snapshots ?? []).filter(
      ({ at, endedAt }) => during(time, at) && endedAt < until,
    )
    const since = { from: window.intentAt - limit, until }
    return [{ machine, window, time, snapshots, attempts: attemptsToKept(recording, machine, since, time, window) }]
  })
}

function judgeOutage(recording: Recording, { machine, window, time, snapshots, attempts }: Outage): Finding {
  const fault = window.description
  const [first, ...later] = snapshots
  const changed = later.find(({ hash }) => hash !== first?.hash)
  if (first && changed) {
    const evidence = [first.record, changed.record]
    return found.fail('RULES_CHANGED', { machine }, { observed: 'rules changed', fault, evidence })
  }
  const cut = cutByRules(recording, machine, attempts)
  if (cut) return found.fail('CONNECTION_FAILED', { ...cut.values }, { ...cut.details, fault })
  requireProbed(recording, time, machine)
  return found.pass(
    'RULES_OUTLIVED',
    { connections: attempts.length, looks: snapshots.length, unreached: unreached(recording, machine, time) },
    { observed: `${attempts.length} answered, rules unchanged`, fault, measured: 0, bound: noException },
  )
}

/** Packets to new Services that other Nodes reached. @throws InconclusiveError where this Node reached them too */
function unreached(recording: Recording, machine: string, time: Interval): number {
  const fresh = recording
    .of('reach')
    .filter(({ at, service }) => during(time, at) && isNew(recording, service, time.from))
  if (fresh.some(({ from, outcome }) => from === machine && outcome === 'answered')) {
    throw new InconclusiveError(
      `${machine} reached a Service that was created while its kube-proxy was down.`,
      'NEW_SERVICE_REACHED',
    )
  }
  const others = fresh.some(({ from, outcome }) => from !== machine && outcome === 'answered')
  return others ? fresh.filter(({ from }) => from === machine).length : 0
}

function isNew(recording: Recording, service: string, since: number): boolean {
  return !stateAt(portHistory(recording), since)?.ports.some((port) => port.service === service)
}
