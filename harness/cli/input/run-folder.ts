import { existsSync, readdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { didYouMean } from './suggest.ts'
import { usageError } from './usage-error.ts'

/**
 * Finds a run's folder and journal by run id, folder, journal path or `last`.
 * @throws HoldfastError HF_USAGE when no such run exists
 */
export function findRun(run: string, out: string): { folder: string; journal: string } {
  const known = runsIn(out)
  const name = run === 'last' ? known.at(-1) : run
  for (const folder of name === undefined ? [] : [join(out, name), resolve(name)]) {
    if (folder.endsWith('.ndjson') && existsSync(folder)) return { folder: resolve(folder, '..'), journal: folder }
    const journal = join(folder, 'journal.ndjson')
    if (existsSync(journal)) return { folder, journal }
  }
  const message =
    run === 'last' ? `There is no run in ${out}.` : `There is no run "${run}" in ${out}.${didYouMean(run, known)}`
  throw usageError(message, known.length === 0 ? 'Start one: npm start' : `The newest run is ${known.at(-1)}.`)
}

/** Names of runs with a journal, oldest first. */
export function runsIn(out: string): string[] {
  if (!existsSync(out)) return []
  const runs = readdirSync(out).filter((name) => existsSync(join(out, name, 'journal.ndjson')))
  return runs
    .map((name) => ({ name, at: statSync(join(out, name, 'journal.ndjson')).mtimeMs }))
    .toSorted((a, b) => a.at - b.at)
    .map(({ name }) => name)
}
