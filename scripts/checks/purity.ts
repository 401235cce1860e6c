import { globSync } from 'node:fs'
import { importsOf, isTest } from './imports/read-imports.ts'
import { type Outcome, root, tool } from './tool.ts'

const folders = ['harness/judge', 'harness/contracts']

/** Lists the files of the judge and the contracts, and every file they import a value from; without tests. */
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

/** Finds uses of clocks, randomness, the environment and I/O: a verdict depends on the journal alone. */
export function purity(files: readonly string[] = pureFiles()): Promise<Outcome> {
  return tool(
    'oxlint',
    '--config',
    'scripts/checks/pure.oxlintrc.json',
    '--disable-nested-config',
    '--format=unix',
    ...files,
  )
}
