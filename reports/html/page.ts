import { createHash } from 'node:crypto'
import { renderToString } from 'preact-render-to-string'
import type { Verdict } from '../../harness/judge/verdict/verdict.ts'
import { judgedRecordings } from '../facts/judged-recordings.ts'
import { recoveryRows, unseenSteps } from '../facts/recovery.ts'
import type { RunFacts } from '../facts/run-facts.ts'
import { timelines } from '../timeline/timeline.ts'
import { clusterSection } from './cluster.ts'
import { el, verbatim } from './element.ts'
import { headline } from './headline.ts'
import { matrix } from './matrix.ts'
import { promises } from './promises.ts'
import { recovery } from './recovery.ts'
import { scenarioSection } from './scenario.ts'
import { script } from './script.ts'
import { style } from './style.ts'

// Browsers fetch nothing and run only the style sheet and the script with these hashes, whatever else gets into the page.
const policy = `default-src 'none'; style-src ${hash(style)}; script-src ${hash(script)}; base-uri 'none'; form-action 'none'`

/** Builds the report as one self-contained page. The same journal and verdicts give the same page. */
export function buildPage(facts: RunFacts, verdicts: readonly Verdict[]): string {
  const recordings = judgedRecordings(facts, verdicts)
  const page = el(
    'html',
    { lang: 'en' },
    el(
      'head',
      null,
      el('meta', { charset: 'utf-8' }),
      el('meta', { 'http-equiv': 'Content-Security-Policy', content: policy }),
      el('meta', { name: 'viewport', content: 'width=device-width, initial-scale=1' }),
      el('meta', { name: 'referrer', content: 'no-referrer' }),
      el('title', null, `Holdfast ${facts.run.run}`),
      verbatim('style', style),
    ),
    el(
      'body',
      null,
      el(
        'main',
        null,
        headline(facts, verdicts),
        matrix(recordings),
        promises(recordings),
        ...timelines(facts, verdicts).flatMap((timeline, index) => {
          const recording = recordings.find(({ window }) => window === timeline.window)
          return recording ? [scenarioSection(facts, timeline, recording, index === 0)] : []
        }),
        recovery(recoveryRows(facts), unseenSteps(facts)),
        clusterSection(facts),
        el(
          'footer',
          null,
          `Source: journal.ndjson of run ${facts.run.run}. Times on a timeline count from the start of its scenario, on one monotonic clock.`,
        ),
      ),
      verbatim('script', script),
    ),
  )
  return `<!doctype html>\n${renderToString(page)}\n`
}

function hash(text: string): string {
  return `'sha256-${createHash('sha256').update(text).digest('base64')}'`
}
