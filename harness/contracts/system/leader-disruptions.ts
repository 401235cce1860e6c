import { objects } from '../../judge/recording/kubernetes-objects.ts'
import { tenures } from '../../judge/recording/lease-tenures.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { renewDeadline } from '../bounds.ts'
import { elected, leaderExcuses } from './excuses.ts'
import { isExcused, type Disruption } from './disruption.ts'

/** Leases of elected components that passed on from one instance to another. */
export function leaderDisruptions(recording: Recording): Disruption[] {
  return elected.flatMap((component) => {
    const delayMs = renewDeadline(recording, component).limit
    const terms = tenures(recording, component)
    const versions = objects(recording, 'leases')
      .named('kube-system', component)
      .flatMap((life) => life.versions)
    return terms.slice(1).flatMap((term, n): Disruption[] => {
      const before = terms[n]
      if (!before || before.holder === term.holder) return []
      const excuses = leaderExcuses(recording, { machine: before.machine, component })
      if (isExcused(term.from, excuses)) return []
      const evidence = versions.filter(({ at }) => at === term.from).map(({ record }) => record)
      const base = { code: 'LEADER_CHANGED', machine: before.machine, component, delayMs, evidence } as const
      return [{ ...base, from: Math.min(before.until, term.from), until: term.from }]
    })
  })
}
