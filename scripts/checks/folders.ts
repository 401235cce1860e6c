import { globSync } from 'node:fs'
import { dirname } from 'node:path/posix'
import { isTest } from './imports/read-imports.ts'
import { type Outcome, root } from './tool.ts'

/** A folder with more files needs sub-folders, one for each purpose. */
const limit = 20
const limitWithTests = 24

const sources = '{bench,docs,examples,harness,reports,scenarios,scripts,suites}/**/*.*'

/** Returns the files of the project, without generated reports. */
export function projectFiles(): string[] {
  return globSync(sources, { cwd: root, exclude: ['reports/out'] })
}

/** Finds folders with too many files. */
export function folders(files: readonly string[] = projectFiles()): Outcome {
  const found = [...Map.groupBy(files, dirname)].flatMap(([folder, all]) => {
    const code = all.filter((file) => !isTest(file))
    if (code.length <= limit && all.length <= limitWithTests) return []
    const most = `at most ${limit}, and ${limitWithTests} with tests`
    return [`${folder} has ${code.length} files and ${all.length - code.length} tests: ${most}. Divide it by purpose.`]
  })
  return { ok: found.length === 0, output: found.join('\n') }
}
