import type { VNode } from 'preact'
import type { RecordOf } from '../../../harness/record/records.ts'
import { counted, probability } from '../../text/figures.ts'
import { fairShare } from '../../facts/fair-share.ts'
import { el } from '../element.ts'

const width = 300
const row = 15
const nameWidth = 62
const countWidth = 36
const mostSamples = 60
const mostBackends = 24

/** Draws a chart for each sample: how many connections each backend answered. The dashed line is the even share. */
export function balance(samples: readonly RecordOf<'sample'>[]): VNode | null {
  if (samples.length === 0) return null
  const left = samples.length - mostSamples
  const several = new Set(samples.map(({ service }) => service)).size > 1
  return el(
    'section',
    null,
    el('h3', null, 'Distribution of new connections'),
    el(
      'p',
      { class: 'small soft' },
      'Each chart counts new connections from one client, by the backend that answered. The dashed line is an even share. p is the probability of a distribution at least this uneven if all backends are equally likely. w is the effect size (Cohen’s w; 0.1 is small).',
    ),
    el(
      'div',
      { class: 'samples' },
      ...inOrder(samples)
        .slice(0, mostSamples)
        .map((sample) => chart(sample, several)),
    ),
    left > 0 ? el('p', { class: 'soft' }, `${left} more samples are in journal.ndjson.`) : null,
  )
}

function inOrder(samples: readonly RecordOf<'sample'>[]): RecordOf<'sample'>[] {
  const name = ({ from, protocol, service }: RecordOf<'sample'>) => `${from} ${protocol} ${service}`
  return samples.toSorted((a, b) => name(a).localeCompare(name(b), 'en', { numeric: true }) || a.at - b.at)
}

function chart({ from, service, protocol, attempts, failed, backends }: RecordOf<'sample'>, several: boolean): VNode {
  const shares = Object.entries(backends).toSorted(([a], [b]) => a.localeCompare(b))
  const total = shares.reduce((sum, [, count]) => sum + count, 0)
  const even = total / Math.max(1, shares.length)
  const most = Math.max(1, ...shares.map(([, count]) => count), even)
  const x = (count: number) => Math.round((count / most) * (width - nameWidth - countWidth) * 10) / 10
  const shown = shares.slice(0, mostBackends)
  const fair = fairShare(shares.map(([, count]) => count))
  const lost = failed > 0 ? `, ${failed} failed` : ''
  const caption = `${counted(attempts, 'connection')}${several ? ` to ${service.split('/').at(-1)}` : ''}${lost}${fair === undefined ? '' : `, p\u00a0=\u00a0${probability(fair.p)}, w\u00a0=\u00a0${fair.effect.toFixed(3)}`}`
  const height = shown.length * row + 4
  return el(
    'figure',
    null,
    el('figcaption', null, el('strong', null, `${from} ${protocol}`), ' ', el('span', { class: 'soft' }, caption)),
    shown.length === 0
      ? el('p', { class: 'small' }, 'No backend answered.')
      : el(
          'svg',
          {
            viewBox: `0 0 ${width} ${height}`,
            role: 'img',
            'aria-label': `${from} ${protocol}: ${shown.map(([name, count]) => `${name} ${count}`).join(', ')}`,
          },
          ...shown.map(([name, count], index) =>
            el(
              'g',
              null,
              el('title', null, `${name}: ${count}`),
              el('text', { x: 0, y: index * row + 11 }, name.slice(-8)),
              el('rect', { x: nameWidth, y: index * row + 2, width: x(count), height: row - 4 }),
              el('text', { x: width, y: index * row + 11, 'text-anchor': 'end' }, count),
            ),
          ),
          el('line', { x1: nameWidth + x(even), x2: nameWidth + x(even), y1: 0, y2: height }),
        ),
  )
}
