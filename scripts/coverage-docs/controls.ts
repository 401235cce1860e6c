import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where a contract was made to fail. */
export interface Controls {
  /** A fact of a real recording is changed. */
  readonly recording: ReadonlySet<string>
  /** A real cluster, client or observer is broken. */
  readonly cluster: ReadonlySet<string>
}

const id = /'([A-Z]+-\d{2})'/g

/** Finds the contracts that negative controls name: `control('ID', ...)`, and the tables of tests that break clusters. */
export function controls(root: string): Controls {
  return {
    recording: namedIn(root, 'suites/controls/*.test.ts', /control\(\s*'([A-Z]+-\d{2})'/g),
    cluster: namedIn(root, 'suites/e2e/judge/**/*.ts', id),
  }
}

function namedIn(root: string, pattern: string, reference: RegExp): ReadonlySet<string> {
  const texts = globSync(pattern, { cwd: root }).map((file) => readFileSync(join(root, file), 'utf8'))
  return new Set(texts.flatMap((text) => [...text.matchAll(reference)].map(([, name = '']) => name)))
}
