import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Which faults have a test on a real cluster that they bite, and one that they can't hit everything. */
export interface Proofs {
  readonly bites: ReadonlySet<string>
  readonly refused: ReadonlySet<string>
}

/** Out of the sources of the tests themselves: suites/own/proving.ts has what such a test has to show. */
export function proofsOf(root: string): Proofs {
  const files = globSync('suites/own/**/*.ts', { cwd: root })
  return readProofs(files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n'))
}

/** Names stand where a test is made, or in the rows that several are made from: `bites('kill', ...`, `bites: ['kill']`. */
export function readProofs(text: string): Proofs {
  const found = { bites: new Set<string>(), refused: new Set<string>() }
  for (const [, which, names = ''] of text.matchAll(/\b(bites|refused)(?:\(|:)\s*(\[[^\]]*\]|'[^']*')/g)) {
    for (const [, name = ''] of names.matchAll(/'([^']*)'/g)) found[which as keyof typeof found].add(name)
  }
  return found
}
