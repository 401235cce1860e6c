import type { RecordOf } from '../../record/records.ts'
import { defineContract } from '../../judge/contract.ts'
import { overlaps } from '../../judge/faults/fault-windows.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { hostFigures, mayBeHost } from '../../judge/coverage/host-noise.ts'
import { InconclusiveError } from '../../judge/verdict/inconclusive.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { span } from '../../judge/recording/cluster-facts.ts'
import { counted, duration } from '../../judge/verdict/format.ts'
import { leaderDisruptions } from './leader-disruptions.ts'
import { memberDisruptions } from './member-disruptions.ts'
import { nodeDisruptions } from './node-disruptions.ts'
import { processDisruptions } from './process-disruptions.ts'
import { serverDisruptions } from './server-disruptions.ts'
import { requireReadings, requireStatuses } from './required-data.ts'
import { type Disruption, disruptionCodes } from './disruption.ts'

interface Where {
  readonly machine: string
  readonly component: string
  /** Since the scenario began. */
  readonly fromMs: number
  readonly untilMs: number
  /** Other troubles of the recording: `LEADER_CHANGED kube-scheduler@control-plane1`. */
  readonly others: readonly string[]
}

const where = ({ machine, component }: Where): string => `${component} on ${machine}`
const since = ({ fromMs }: Where): string => `${duration(fromMs)} after the scenario began`
const lasted = ({ fromMs, untilMs }: Where): string => `for ${duration(untilMs - fromMs)}, from ${duration(fromMs)} on`
const undeclared = 'and no declared fault accounts for it.'

const found = findings({
  NOTHING_ELSE_DOWN: ({ processes }: { readonly processes: number }) =>
    `Declared faults account for everything that was down or restarted; no other process of ${counted(processes, 'component')} changed.`,
  SECOND_INSTANCE: (one: Where) => `${where(one)} has a process that its supervisor does not run, ${since(one)}.`,
  COMPONENT_MISSING: (one: Where) => `${where(one)} had no process ${since(one)}, ${undeclared}`,
  COMPONENT_RESTARTED: (one: Where) => `${where(one)} was restarted ${since(one)}, ${undeclared}`,
  MEMBER_SILENT: (one: Where) => `${where(one)} did not answer ${lasted(one)}, ${undeclared}`,
  MEMBER_WITHOUT_LEADER: (one: Where) => `${where(one)} reported no leader ${lasted(one)}, ${undeclared}`,
  API_SERVER_SILENT: (one: Where) => `${where(one)} did not answer ${lasted(one)}, ${undeclared}`,
  NODE_NOT_READY: (one: Where) => `The Node ${one.machine} was not Ready ${lasted(one)}, ${undeclared}`,
  LEADER_CHANGED: (one: Where) =>
    `The leader of ${one.component} changed ${since(one)} (${one.machine}), ${undeclared}`,
})

export const nothingElseDown = defineContract<RecordOf<'processes'>>({
  id: 'SYS-01',
  area: 'system',
  promise:
    'Components, Nodes, etcd members and API servers stay up and keep their leaders unless a declared fault hits them.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/',
  stimulus: { needs: 'the processes of every component as the scenario began', find: firstReadings },
  judge(recording, first) {
    const { all, unread } = observedDisruptions(recording)
    const disruptions = all.sort((a, b) => rank(a) - rank(b) || a.from - b.from)
    const mayBe = noiseAmong(recording, disruptions)
    const [worst] = disruptions.filter((one) => !mayBe.includes(one))
    if (worst) {
      const values = valuesOf(recording, worst, disruptions)
      const moments = [{ at: worst.from, label: `${worst.component} on ${worst.machine}` }]
      return found.fail(worst.code, values, { observed: observed(worst), moments, evidence: worst.evidence })
    }
    const [noise] = mayBe
    if (noise) throw hostNoise(recording, noise, mayBe)
    if (unread) throw unread
    requireReadings(recording, first)
    requireStatuses(recording)
    return found.pass('NOTHING_ELSE_DOWN', { processes: first.length }, { observed: 'nothing else was down' })
  },
})

/** A leader that lost its Lease ends: what kept it from renewing is reported first. */
function rank({ code, delayMs }: Disruption): number {
  const lostLead = code === 'COMPONENT_RESTARTED' && delayMs !== undefined
  return lostLead ? disruptionCodes.indexOf('LEADER_CHANGED') - 0.5 : disruptionCodes.indexOf(code)
}

/**
 * What measured noise may account for, and time-outs that ran while that lasted: a leader can't renew its Lease at an etcd that
 * does not answer. What has no time-out is never noise.
 */
function noiseAmong(recording: Recording, disruptions: readonly Disruption[]): Disruption[] {
  const timed = disruptions.filter(({ delayMs }) => delayMs !== undefined)
  const noise = timed.filter((one) => mayBeHost(recording, one, one.delayMs ?? 0))
  const follows = (one: Disruption): boolean =>
    noise.some((cause) => overlaps(cause, { from: one.from - (one.delayMs ?? 0), until: one.until + 1 }))
  return timed.filter((one) => noise.includes(one) || follows(one))
}

/** What one source lacks hides nothing that another one shows. */
function observedDisruptions(recording: Recording): { all: Disruption[]; unread: InconclusiveError | undefined } {
  let unread: InconclusiveError | undefined
  const all = [processDisruptions, memberDisruptions, serverDisruptions, nodeDisruptions, leaderDisruptions].flatMap(
    (find) => {
      try {
        return find(recording)
      } catch (error) {
        if (!(error instanceof InconclusiveError)) throw error
        unread ??= error
        return []
      }
    },
  )
  return { all, unread }
}

function firstReadings(recording: Recording): readonly RecordOf<'processes'>[] {
  return recording.of('processes').filter(({ moment, expected }) => moment === 'start' && expected)
}

const formatDisruption = ({ code, component, machine }: Disruption): string => `${code} ${component}@${machine}`
const observed = ({ component, machine, code }: Disruption): string =>
  `${component}@${machine}: ${code.toLowerCase().replaceAll('_', ' ')}`

function valuesOf(
  recording: Recording,
  worst: Disruption,
  all: readonly Disruption[],
): Where & Record<string, string | number | readonly string[]> {
  const began = span(recording).from
  const others = [...new Set(all.filter((one) => one !== worst).map(formatDisruption))]
  const { machine, component, from, until } = worst
  return { machine, component, fromMs: Math.round(from - began), untilMs: Math.round(until - began), others }
}

function hostNoise(recording: Recording, noise: Disruption, all: readonly Disruption[]): InconclusiveError {
  const delayMs = noise.delayMs ?? 0
  const figures = hostFigures(recording, noise, delayMs)
  return new InconclusiveError(
    `${formatDisruption(noise)}: the host may have delayed this by ${duration(Number(figures['hostDelayMs']))}; a delay of ${duration(delayMs)} explains it.`,
    'HOST_NOISE',
    { ...valuesOf(recording, noise, all), trouble: noise.code, delayMs: Math.round(delayMs), ...figures },
  )
}
