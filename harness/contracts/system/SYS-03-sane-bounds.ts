import { defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { Recording } from '../../judge/recording/recording.ts'
import { counted, listed } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { type BoundSetting, boundSettings } from '../bound-settings.ts'
import { outOfRange } from '../ranges.ts'
import { type Reading, readings } from '../live-settings.ts'

const found = findings({
  BOUND_OUT_OF_RANGE: ({ settings, range }: { readonly settings: readonly string[]; readonly range: string }) =>
    `Settings are out of range: ${listed(settings)}. The range of the first: ${range}.`,
  BOUNDS_DIFFER: ({ settings }: { readonly settings: readonly string[] }) =>
    `Machines of one role run with different settings: ${listed(settings)}.`,
  BOUNDS_SANE: ({ settings }: { readonly settings: number }) =>
    `${counted(settings, 'setting')} that bounds follow are in their ranges, and the same on all machines of a role.`,
})

interface Read {
  /** The recording as of this reading. */
  readonly recording: Recording
  readonly wanted: BoundSetting
  readonly values: readonly Reading[]
}

export const saneBounds = defineContract<Read>({
  id: 'SYS-03',
  area: 'system',
  promise: 'Every setting that a bound follows is within its documented range and the same on all machines of a role.',
  reference: 'https://kubernetes.io/docs/reference/command-line-tools-reference/kube-controller-manager/',
  stimulus: { needs: 'a live setting that a bound follows', find: settingsRead },
  judge(recording, all) {
    const evidence = recordsOf(recording, all)
    const wrong = all.flatMap(({ recording: then, wanted }) =>
      outOfRange(then, wanted).map((reading) => ({ wanted, reading })),
    )
    const [first] = wrong
    if (first) {
      const settings = [...new Set(wrong.map(({ reading }) => reading.source))]
      const values = { settings, range: first.wanted.range }
      return found.fail('BOUND_OUT_OF_RANGE', values, { observed: listed(settings), evidence })
    }
    const differing = all.flatMap((read) => (differs(read) ? read.values.map(({ source }) => source) : []))
    const settings = [...new Set(differing)]
    if (settings.length > 0) return found.fail('BOUNDS_DIFFER', { settings }, { observed: listed(settings), evidence })
    const read = boundSettings(recording).filter((wanted) => readings(recording, wanted).length > 0).length
    return found.pass('BOUNDS_SANE', { settings: read }, { observed: `${read} settings in range` })
  },
})

function settingsRead(whole: Recording): Read[] {
  return asOfEachReading(whole).flatMap((recording) =>
    boundSettings(recording).flatMap((wanted) => {
      const values = readings(recording, wanted)
      return values.length > 0 ? [{ recording, wanted, values }] : []
    }),
  )
}

/** The recording as of the first reading of all settings, as of the second, and so on: what is right again later was wrong. */
function asOfEachReading(whole: Recording): Recording[] {
  const bySource = Map.groupBy(whole.of('config'), ({ machine, component, source }) =>
    [machine, component, source].join(),
  )
  const most = Math.max(0, ...[...bySource.values()].map((own) => own.length))
  return Array.from({ length: most }, (_, n) => {
    const later = new Set<unknown>([...bySource.values()].flatMap((own) => own.slice(n + 1)))
    return new Recording(
      whole.scenario,
      whole.records.filter((record) => !later.has(record)),
    )
  })
}

function differs({ values }: Read): boolean {
  return new Set(values.map(({ ms }) => ms)).size > 1
}

function recordsOf(recording: Recording, all: readonly Read[]): RecordOf<'config'>[] {
  const components = new Set(all.map(({ wanted }) => wanted.component))
  return recording.of('config').filter(({ component }) => components.has(component))
}
