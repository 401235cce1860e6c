import { z } from 'zod'
import type { Recording } from '../../harness/judge/recording.ts'
import type { RecordOf } from '../../harness/record/records.ts'
import { duration } from '../figures.ts'
import type { Lane, Span } from './model.ts'
import { newestOnly } from './newest.ts'
import { stateSpans, type Change } from './states.ts'

const leaseSchema = z.object({
  spec: z.object({ holderIdentity: z.string().optional(), leaseDurationSeconds: z.number().optional() }),
})

/** Who led, over the whole journal: etcd by what most of its members say, the others by their Lease. */
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

/** A lease that is not renewed ends by itself: after its duration nobody leads, whatever name still stands in it. */
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
  return stateSpans(changes, until, (change, from, to) => `${name}: ${told(change)} for ${duration(to - from)}`)

  function expire(now: number): void {
    if (expires >= now) return
    const blind = unseen.find(({ from, to }) => from <= expires && to > expires)
    changes.push({ at: expires, ...(blind ? unknown : nobody) })
    if (blind && blind.to < now) changes.push({ at: blind.to, ...nobody })
  }
}

interface Unseen {
  readonly from: number
  readonly to: number
}

/** When no source at all could see leases: renewals may have been missed, so silence proves nothing. */
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
  const said = new Map<string, string>()
  const changes: Change[] = []
  for (const status of statuses) {
    said.set(status.member, status.answered ? (status.leader ?? '') : '')
    const votes = new Map<string, number>()
    for (const name of said.values()) votes.set(name, (votes.get(name) ?? 0) + 1)
    const [name = ''] = [...votes].find(([candidate, count]) => candidate && count > members.size / 2) ?? []
    if (name || said.size === members.size) changes.push({ at: status.at, ...leader(name) })
  }
  return stateSpans(
    changes,
    until,
    (change, from, to) => `etcd: ${told(change)} for ${duration(to - from)}, as most members say`,
  )
}

const nobody = { label: 'nobody', tone: 'bad' } as const
const unknown = { label: 'not seen', tone: 'part' } as const

function leader(name: string): Pick<Change, 'label' | 'tone'> {
  return name ? { label: name, tone: 'hold' } : nobody
}

function told({ label, tone }: Change): string {
  if (tone === 'part') return 'the lease was not seen'
  return tone === 'bad' ? 'nobody led' : `${label} led`
}
