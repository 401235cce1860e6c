import type { VNode } from 'preact'
import type { RecordOf } from '../../harness/record/records.ts'
import { duration } from '../figures.ts'
import type { RunFacts } from '../run-facts.ts'
import { details, table } from './details.ts'
import { el } from './element.ts'

/** What was broken: its machines, and how its components were really set while the run went. */
export function clusterSection({ cluster, whole, run }: RunFacts): VNode {
  const { host } = run
  const rig = `${host.cores} cores, ${(host.memoryBytes / 2 ** 30).toFixed(1)} GiB, kernel ${host.kernel}`
  if (!cluster)
    return el(
      'section',
      null,
      el('h2', null, 'Cluster'),
      el('p', null, 'The cluster never came up.'),
      el('p', { class: 'soft' }, `Host: ${rig}`),
    )
  const facts: [string, string][] = [
    ['Topology', cluster.topology],
    ['Distribution', `${cluster.distribution}: ${cluster.reason}`],
    ['Timings', cluster.timings],
    ['Image', cluster.image],
    ['Booted in', duration(cluster.bootMs)],
    ['Host', rig],
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

/** What each distribution lets a fault hit by itself: what a run on one says nothing of, another may. */
function coverageTable(coverage: NonNullable<RecordOf<'cluster'>['coverage']>): VNode[] {
  if (coverage.length === 0) return []
  const distributions = [...new Set(coverage.map(({ distribution }) => distribution))]
  const rows = [...Map.groupBy(coverage, ({ component }) => component)].map(([component, cells]) => [
    el('code', null, component),
    ...distributions.map((name) => {
      const cell = cells.find(({ distribution }) => distribution === name)
      return cell?.apart ? 'by itself' : `not-applicable: ${cell?.reason ?? 'nothing is known'}`
    }),
  ])
  return [details('What can be hit by itself', distributions.join(', '), table(['Component', ...distributions], rows))]
}

/** Live settings by component; a setting that is the same on all its machines is told once. */
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
        `${settings.size} settings on ${[...newest.keys()].join(', ')}`,
        table(['Setting', 'Value', 'Machines'], rows),
      )
    })
}
