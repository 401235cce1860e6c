import { globSync } from 'node:fs'
import { importsOf, isTest } from './imports.ts'
import { type Outcome, root, tool } from './tool.ts'

const folders = ['harness/judge', 'harness/contracts']

/** Every file of the judge and the contracts, and all that they import for more than its types; tests left out. */
export function pureFiles(): string[] {
  const values = Map.groupBy(
    importsOf(root).filter(({ typeOnly }) => !typeOnly),
    ({ from }) => from,
  )
  const files = new Set(folders.flatMap((folder) => globSync(`${folder}/**/*.ts`, { cwd: root })))
  for (const file of files) {
    if (isTest(file)) files.delete(file)
    else for (const { to } of values.get(file) ?? []) files.add(to)
  }
  return [...files]
}

/** Finds clocks, chance, environment and I/O: a verdict depends on the journal alone. */
export function purity(files: readonly string[] = pureFiles()): Promise<Outcome> {
  return tool('oxlint', '--config', 'scripts/pure.oxlintrc.json', '--disable-nested-config', '--format=unix', ...files)
}
