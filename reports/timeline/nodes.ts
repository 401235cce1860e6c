import { z } from 'zod'
import type { Recording } from '../../harness/judge/recording/recording.ts'
import { duration } from '../text/figures.ts'
import type { Lane } from './model.ts'
import { newestOnly } from './newest.ts'
import { stateSpans, type Change } from './states.ts'

const nodeSchema = z.object({
  spec: z.object({ unschedulable: z.boolean().optional() }).optional(),
  status: z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string() })).optional() }).optional(),
})

/** Readiness of each Node over the whole journal, as the API servers reported it. */
export function nodeLanes(whole: Recording, until: number): Lane[] {
  const records = newestOnly(whole.of('watch').filter(({ resource }) => resource === 'nodes'))
  const nodes = Map.groupBy(records, ({ name }) => name)
  return [...nodes]
    .toSorted(([a], [b]) => a.localeCompare(b, 'en', { numeric: true }))
    .map(([name, states]) => {
      const changes = states.map(({ at, event, object }): Change => ({
        at,
        ...nodeState(event === 'deleted' ? undefined : object),
      }))
      return {
        name,
        spans: stateSpans(
          changes,
          until,
          (change, from, to) => `${name}: ${change.label || 'ready'} for ${duration(to - from)}`,
        ),
        marks: [],
      }
    })
}

export function nodeState(object: Record<string, unknown> | undefined): Pick<Change, 'label' | 'tone'> {
  if (!object) return { label: 'deleted', tone: 'bad' }
  const { data } = nodeSchema.safeParse(object)
  const ready = data?.status?.conditions?.find(({ type }) => type === 'Ready')?.status
  if (ready === 'Unknown') return { label: 'ready: unknown', tone: 'bad' }
  if (ready !== 'True') return { label: 'not ready', tone: 'bad' }
  return data?.spec?.unschedulable ? { label: 'cordoned', tone: 'hold' } : { label: '', tone: 'good' }
}
