import { z } from 'zod'
import type { RecordOf } from '../../harness/record/records.ts'

const leaseSchema = z.object({ spec: z.object({ holderIdentity: z.string().optional() }) })
const elections = ['kube-scheduler', 'kube-controller-manager']

/** Who leads now: etcd by what most of its members say, the others by the name in their Lease. '' is nobody. */
export class Leaders {
  readonly #known = new Map<string, string>()
  readonly #versions = new Map<string, number>()
  readonly #said = new Map<string, string>()

  /** Component and machine; those of which nothing was heard are not in it. */
  get all(): readonly (readonly [component: string, leader: string])[] {
    return [...this.#known]
  }

  seeLease({ resource, namespace, name, resourceVersion, object, event }: RecordOf<'watch'>): string[] {
    if (resource !== 'leases' || namespace !== 'kube-system' || !elections.includes(name)) return []
    // Several API servers tell the same; the slower one's news is none.
    const version = Number(resourceVersion)
    if (version <= (this.#versions.get(name) ?? -1)) return []
    this.#versions.set(name, version)
    const holder = leaseSchema.safeParse(object).data?.spec.holderIdentity ?? ''
    return this.#set(name, event === 'deleted' ? '' : (holder.split('_')[0] ?? ''))
  }

  seeMember({ member, answered, leader = '' }: RecordOf<'etcd'>): string[] {
    this.#said.set(member, answered ? leader : '')
    const votes = [...this.#said.values()]
    const most = votes.find((name) => name !== '' && votes.filter((one) => one === name).length > votes.length / 2)
    return this.#set('etcd', most ?? '')
  }

  #set(component: string, leader: string): string[] {
    if (this.#known.get(component) === leader) return []
    this.#known.set(component, leader)
    return [leader === '' ? `${component}: nobody leads` : `${component}: ${leader} leads`]
  }
}
