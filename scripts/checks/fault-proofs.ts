import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Faults with a test on a real cluster for their effect, and with one for their refusal. */
export interface Proofs {
  readonly testEffect: ReadonlySet<string>
  readonly refused: ReadonlySet<string>
}

/** Reads the sources of the tests. suites/e2e/faults/proving.ts defines what such a test shows. */
export function proofsOf(root: string): Proofs {
  const files = globSync('suites/e2e/**/*.ts', { cwd: root })
  return readProofs(files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n'))
}

/** Reads names from single tests (`testEffect('kill', ...`) and from rows of a table (`testEffect: ['kill']`). */
export function readProofs(text: string): Proofs {
  const found = { testEffect: new Set<string>(), refused: new Set<string>() }
  for (const [, which, names = ''] of text.matchAll(/\b(testEffect|refused)(?:\(|:)\s*(\[[^\]]*\]|'[^']*')/g)) {
    for (const [, name = ''] of names.matchAll(/'([^']*)'/g)) found[which as keyof typeof found].add(name)
  }
  return found
}
