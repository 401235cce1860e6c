import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempDisposableSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { journalText } from '../../record/record-lines.ts'
import type { JournalRecord } from '../../record/records.ts'

export const main = fileURLToPath(new URL('../main.ts', import.meta.url))

export interface CliResult {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line as a child process without a Docker engine, in an empty folder that `prepare` may fill. */
export function holdfast(args: readonly string[], prepare: (folder: string) => void = () => {}): CliResult {
  using folder = mkdtempDisposableSync(join(tmpdir(), 'holdfast-cli-'))
  prepare(folder.path)
  const { code, stdout, stderr } = holdfastIn(folder.path, args)
  const clean = (text: string) => text.replaceAll(folder.path, '')
  return { code, stdout: clean(stdout), stderr: clean(stderr) }
}

/** Runs the command line like `holdfast`, in an existing folder. */
export function holdfastIn(cwd: string, args: readonly string[]): CliResult {
  const env = { PATH: process.env['PATH'] ?? '', HOME: cwd, DOCKER_HOST: 'unix:///nowhere.sock', NO_COLOR: '1' }
  const { status, stdout, stderr } = spawnSync(process.execPath, [main, ...args], { cwd, env, encoding: 'utf8' })
  return { code: status, stdout, stderr }
}

/** Writes a run's journal under reports/out; returns the run's folder. */
export function layRun(folder: string, run: string, journal: readonly JournalRecord[]): string {
  const path = join(folder, 'reports/out', run)
  mkdirSync(path, { recursive: true })
  writeFileSync(join(path, 'journal.ndjson'), journalText(journal))
  return path
}
