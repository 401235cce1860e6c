import { z } from 'zod'
import type { RecordOf } from '../../harness/record/records.ts'

const leaseSchema = z.object({ spec: z.object({ holderIdentity: z.string().optional() }) })
const elections = ['kube-scheduler', 'kube-controller-manager']

/** Current leaders: of etcd as most members report it, of the others by the holder of their Lease. '' means no leader. */
export class Leaders {
  readonly #known = new Map<string, string>()
  readonly #versions = new Map<string, number>()
  readonly #reported = new Map<string, string>()

  /** Components with a recorded leader state, and the machine that leads. */
  get all(): readonly (readonly [component: string, leader: string])[] {
    return [...this.#known]
  }

  recordLease({ resource, namespace, name, resourceVersion, object, event }: RecordOf<'watch'>): string[] {
    if (resource !== 'leases' || namespace !== 'kube-system' || !elections.includes(name)) return []
    // Several API servers report the same change; a slower one adds nothing.
    const version = Number(resourceVersion)
    if (version <= (this.#versions.get(name) ?? -1)) return []
    this.#versions.set(name, version)
    const holder = leaseSchema.safeParse(object).data?.spec.holderIdentity ?? ''
    return this.#set(name, event === 'deleted' ? '' : (holder.split('_')[0] ?? ''))
  }

  recordMember({ member, answered, leader = '' }: RecordOf<'etcd'>): string[] {
    this.#reported.set(member, answered ? leader : '')
    const votes = [...this.#reported.values()]
    const most = votes.find((name) => name !== '' && votes.filter((one) => one === name).length > votes.length / 2)
    return this.#set('etcd', most ?? '')
  }

  #set(component: string, leader: string): string[] {
    if (this.#known.get(component) === leader) return []
    this.#known.set(component, leader)
    return [leader === '' ? `${component}: no leader` : `${component}: ${leader} leads`]
  }
}
