import { z } from 'zod'
import type { Recording } from '../../harness/judge/recording/recording.ts'
import type { RecordOf } from '../../harness/record/records.ts'
import { duration } from '../text/figures.ts'
import type { Lane, Span } from './model.ts'
import { newestOnly } from './newest.ts'
import { stateSpans, type Change } from './states.ts'

const leaseSchema = z.object({
  spec: z.object({ holderIdentity: z.string().optional(), leaseDurationSeconds: z.number().optional() }),
})

/** Leaders over the whole journal: of etcd as most members report it, of the others by the holder of their Lease. */
export function leaderLanes(whole: Recording, until: number): Lane[] {
  const leases = whole
    .of('watch')
    .filter(({ resource, namespace }) => resource === 'leases' && namespace === 'kube-system')
  const unseen = unseenStretches(whole.of('gap'), new Set(leases.map(({ source }) => source)))
  const lanes = [
    { name: 'kube-scheduler', spans: leaseSpans(leases, unseen, 'kube-scheduler', until), marks: [] },
    { name: 'kube-controller-manager', spans: leaseSpans(leases, unseen, 'kube-controller-manager', until), marks: [] },
    { name: 'etcd', spans: etcdSpans(whole.of('etcd'), until), marks: [] },
  ]
  return lanes.filter(({ spans }) => spans.length > 0)
}

/** A Lease that is not renewed expires: after its duration there is no leader, although it still names a holder. */
function leaseSpans(
  leases: readonly RecordOf<'watch'>[],
  unseen: readonly Unseen[],
  name: string,
  until: number,
): Span[] {
  const changes: Change[] = []
  let expires = Infinity
  for (const record of newestOnly(leases.filter((lease) => lease.name === name))) {
    const { data } = leaseSchema.safeParse(record.object)
    if (!data) continue
    expire(record.at)
    const holder = record.event === 'deleted' ? '' : (data.spec.holderIdentity ?? '')
    changes.push({ at: record.at, ...leader(holder.split('_')[0] ?? '') })
    expires = holder ? record.at + (data.spec.leaseDurationSeconds ?? Infinity) * 1000 : Infinity
  }
  expire(until)
  return stateSpans(changes, until, (change, from, to) => `${name}: ${leadership(change)} for ${duration(to - from)}`)

  function expire(now: number): void {
    if (expires >= now) return
    const blind = unseen.find(({ from, to }) => from <= expires && to > expires)
    changes.push({ at: expires, ...(blind ? unknown : noLeader) })
    if (blind && blind.to < now) changes.push({ at: blind.to, ...noLeader })
  }
}

interface Unseen {
  readonly from: number
  readonly to: number
}

/** When no source watched Leases: renewals may be missing from the journal. */
function unseenStretches(gaps: readonly RecordOf<'gap'>[], sources: ReadonlySet<string>): Unseen[] {
  const cuts = gaps.filter(({ resource }) => resource === 'leases')
  return cuts.flatMap(({ at }) => {
    const open = cuts.filter((cut) => cut.at <= at && cut.until > at)
    if (new Set(open.map(({ source }) => source)).size < sources.size) return []
    return [{ from: at, to: Math.min(...open.map(({ until }) => until)) }]
  })
}

function etcdSpans(statuses: readonly RecordOf<'etcd'>[], until: number): Span[] {
  const members = new Set(statuses.map(({ member }) => member))
  const reported = new Map<string, string>()
  const changes: Change[] = []
  for (const status of statuses) {
    reported.set(status.member, status.answered ? (status.leader ?? '') : '')
    const votes = new Map<string, number>()
    for (const name of reported.values()) votes.set(name, (votes.get(name) ?? 0) + 1)
    const [name = ''] = [...votes].find(([candidate, count]) => candidate && count > members.size / 2) ?? []
    if (name || reported.size === members.size) changes.push({ at: status.at, ...leader(name) })
  }
  return stateSpans(
    changes,
    until,
    (change, from, to) => `etcd: ${leadership(change)} for ${duration(to - from)}, as most members report`,
  )
}

const noLeader = { label: 'no leader', tone: 'bad' } as const
const unknown = { label: 'unknown', tone: 'part' } as const

function leader(name: string): Pick<Change, 'label' | 'tone'> {
  return name ? { label: name, tone: 'hold' } : noLeader
}

function leadership({ label, tone }: Change): string {
  if (tone === 'part') return 'leader unknown (the Lease was not watched)'
  return tone === 'bad' ? 'no leader' : `${label} led`
}
