import fc from 'fast-check'
import { expect, test } from 'vitest'
import { seriesOf } from './metrics.ts'

const name = fc.constantFrom(
  'process_start_time_seconds',
  'leader_election_master_status',
  'apiserver_request_total',
  'go_goroutines',
)
const label = fc.string({ unit: fc.constantFrom('a', 'b', ' ', '{', '}', '#', '1'), maxLength: 8 })
const labels = fc.dictionary(fc.constantFrom('name', 'verb', 'le'), label).map((all) => {
  const inside = Object.entries(all).map(([key, value]) => `${key}="${value}"`)
  return inside.length > 0 ? `{${inside.join(',')}}` : ''
})
const value = fc.double({ noNaN: true, noDefaultInfinity: true })

test('the wanted families are read with their labels, among any other lines', () => {
  fc.assert(
    fc.property(
      fc.uniqueArray(fc.tuple(name, labels, value), { selector: ([family, more]) => family + more }),
      fc.subarray(['process_start_time_seconds', 'leader_election_master_status', 'process_start_time']),
      (series, wanted) => {
        const text = series.flatMap(([family, more, number]) => [
          `# HELP ${family} [ALPHA] counts 1`,
          `# TYPE ${family} gauge`,
          `${family}${more} ${number}`,
        ])
        const expected = series.filter(([family]) => wanted.includes(family))
        expect(seriesOf(text.join('\n'), wanted)).toEqual(
          Object.fromEntries(expected.map(([family, more, number]) => [family + more, Number(String(number))])),
        )
      },
    ),
  )
})

test('values that are not numbers are left out', () => {
  expect(seriesOf('up NaN\nup{a="b"} +Inf\nup{a="c"} 1 1700000000', ['up'])).toEqual({ 'up{a="c"}': 1 })
})
