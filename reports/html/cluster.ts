import type { VNode } from 'preact'
import type { RecordOf } from '../../harness/record/records.ts'
import { counted, duration } from '../text/figures.ts'
import type { RunFacts } from '../facts/run-facts.ts'
import { details, table } from './details.ts'
import { el } from './element.ts'

/** Shows the cluster's machines and the live configuration of its components. */
export function clusterSection({ cluster, whole, run }: RunFacts): VNode {
  const { host } = run
  const hostText = `${host.cores} cores, ${(host.memoryBytes / 2 ** 30).toFixed(1)} GiB, kernel ${host.kernel}`
  if (!cluster)
    return el(
      'section',
      null,
      el('h2', null, 'Cluster'),
      el('p', null, 'The cluster never became ready.'),
      el('p', { class: 'soft' }, `Host: ${hostText}`),
    )
  const facts: [string, string][] = [
    ['Topology', cluster.topology],
    ['Distribution', `${cluster.distribution}: ${cluster.reason}`],
    ['Timings', cluster.timings],
    ['Image', cluster.image],
    ['Boot time', duration(cluster.bootMs)],
    ['Host', hostText],
  ]
  return el(
    'section',
    null,
    el('h2', null, 'Cluster'),
    el(
      'dl',
      { class: 'facts' },
      ...facts.map(([term, text]) => el('div', null, el('dt', null, term), el('dd', null, text))),
    ),
    details(
      'Machines',
      `${cluster.machines.length}`,
      table(
        ['Machine', 'Roles', 'Address', 'Node'],
        cluster.machines.map(({ name, roles, address, node }) => [
          name,
          roles.join(', '),
          address,
          node ? 'yes' : 'no',
        ]),
      ),
    ),
    ...coverageTable(cluster.coverage ?? []),
    ...configuration(whole.of('config')),
  )
}

/** Shows, for each distribution, which components a fault can target separately. */
function coverageTable(coverage: NonNullable<RecordOf<'cluster'>['coverage']>): VNode[] {
  if (coverage.length === 0) return []
  const distributions = [...new Set(coverage.map(({ distribution }) => distribution))]
  const rows = [...Map.groupBy(coverage, ({ component }) => component)].map(([component, cells]) => [
    el('code', null, component),
    ...distributions.map((name) => {
      const cell = cells.find(({ distribution }) => distribution === name)
      return cell?.apart ? 'yes' : `no: ${cell?.reason ?? 'no data'}`
    }),
  ])
  return [
    details(
      'Components that faults can target separately',
      distributions.join(', '),
      table(['Component', ...distributions], rows),
    ),
  ]
}

/** Lists live settings by component. A setting with the same value on all machines has one row. */
function configuration(records: readonly RecordOf<'config'>[]): VNode[] {
  const read = records.filter(({ error }) => error === undefined)
  const components = Map.groupBy(read, ({ component, source }) => `${component}, ${source}`)
  return [...components]
    .toSorted(([a], [b]) => a.localeCompare(b))
    .map(([name, list]) => {
      const newest = new Map(list.map((record) => [record.machine, record.values]))
      const settings = new Map<string, Map<string, string[]>>()
      for (const [machine, values] of newest) {
        for (const [key, value] of Object.entries(values)) {
          const byValue = settings.get(key) ?? new Map<string, string[]>()
          settings.set(key, byValue)
          byValue.set(value, [...(byValue.get(value) ?? []), machine])
        }
      }
      const rows = [...settings]
        .toSorted(([a], [b]) => a.localeCompare(b))
        .flatMap(([key, byValue]) =>
          [...byValue].map(([value, machines]) => [
            el('code', null, key),
            el('code', null, value),
            machines.length === newest.size ? 'all' : machines.join(', '),
          ]),
        )
      return details(
        `Configuration of ${name}`,
        `${counted(settings.size, 'setting')} on ${[...newest.keys()].join(', ')}`,
        table(['Setting', 'Value', 'Machines'], rows),
      )
    })
}
