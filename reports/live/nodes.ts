import type { RecordOf } from '../../harness/record/records.ts'
import { nodeState } from '../timeline/nodes.ts'

/** State of each Node, as the fastest API server reports it. */
export class Nodes {
  readonly #states = new Map<string, string>()
  readonly #versions = new Map<string, number>()

  get all(): readonly (readonly [name: string, state: string])[] {
    return [...this.#states].toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
  }

  /** Forgets all Nodes: those of a new cluster have the same names. */
  forget(): void {
    this.#states.clear()
    this.#versions.clear()
  }

  see({ name, event, object, resourceVersion }: RecordOf<'watch'>): string[] {
    const version = Number(resourceVersion)
    if (version <= (this.#versions.get(name) ?? -1)) return []
    this.#versions.set(name, version)
    const state = nodeState(event === 'deleted' ? undefined : object).label || 'ready'
    const known = this.#states.get(name)
    this.#states.set(name, state)
    return known === state ? [] : [`node ${name}: ${state}`]
  }
}
