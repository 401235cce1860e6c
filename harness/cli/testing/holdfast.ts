import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { journalText } from '../../record/record-lines.ts'
import type { JournalRecord } from '../../record/records.ts'

export const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface Said {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** The whole command line in a process of its own, in an empty folder (or one that `prepare` fills), without an engine. */
export function holdfast(words: readonly string[], prepare: (folder: string) => void = () => {}): Said {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-cli-'))
  prepare(folder.path)
  const { code, stdout, stderr } = holdfastIn(folder.path, words)
  const clean = (text: string) => text.replaceAll(folder.path, '')
  return { code, stdout: clean(stdout), stderr: clean(stderr) }
}

/** The same in a folder that is there. */
export function holdfastIn(cwd: string, words: readonly string[]): Said {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, DOCKER_HOST: 'unix:///nowhere.sock', NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...words], { cwd, env, encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

/** Lays a run's journal where the command line looks for it; returns the run's folder. */
export function layRun(folder: string, run: string, journal: readonly JournalRecord[]): string {
  const path = join(folder, 'reports/out', run)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'journal.ndjson'), journalText(journal))
  return path
}
