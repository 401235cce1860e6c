import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { idiomIn } from './language/idiom.ts'
import { proseOf } from './language/prose.ts'
import { type Outcome, root } from './tool.ts'

export const sources = '**/*.{ts,tsx,mjs,go,sh,md}'
// The last one has source code in strings.
const excluded = ['node_modules/**', 'reports/out/**', 'scripts/fault-proofs.test.ts']

/** Folders and files whose text is older than the rules. This list only shrinks. */
const notRewritten = [
  'docs/faults.md',
  'docs/journal.md',
  'harness/cli',
  'harness/cluster',
  'harness/contracts',
  'harness/faults',
  'harness/host',
  'harness/images',
  'harness/judge',
  'harness/record',
  'harness/run',
  'harness/traffic',
  'harness/vitest',
  'harness/errors.ts',
  'harness/eventually.ts',
  'harness/eventually.test.ts',
  'harness/in-time.test.ts',
  'harness/iptables-chains.ts',
  'harness/process-identity.ts',
  'harness/process-identity.test.ts',
  'reports',
]

/** Checks comments, sentences in strings and Markdown for words that the project's style replaces. */
export function language(folder = root, exempt: readonly string[] = notRewritten): Outcome {
  const files = globSync(sources, { cwd: folder, exclude: excluded })
    .filter((file) => !exempt.some((path) => file === path || file.startsWith(`${path}/`)))
    .toSorted()
  const found = files.flatMap((file) => idiomIn(file, proseOf(file, readFileSync(join(folder, file), 'utf8'))))
  return { ok: found.length === 0, output: found.join('\n') }
}
