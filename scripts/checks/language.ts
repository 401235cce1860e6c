import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { idiomIn } from './language/idiom.ts'
import { oldNamesIn } from './language/identifiers.ts'
import { proseOf } from './language/prose.ts'
import { type Outcome, root } from './tool.ts'

export const sources = '**/*.{ts,tsx,mjs,go,sh,md}'
// The last one has source code in strings.
const excluded = ['node_modules/**', 'reports/out/**', 'scripts/checks/fault-proofs.test.ts']

/**
 * Folders and files whose text is older than the rules. This list only shrinks. A change to what the machine image is made of
 * rebuilds it: its sources leave the list with their next change.
 */
const notRewritten = [
  'harness/host/engine/runc-holdfast.sh',
  'harness/images/go',
  'harness/images/k3s',
  'harness/images/machine',
]

/** Checks comments, sentences in strings, Markdown and names for words that the project's style replaces. */
export function language(folder = root, exempt: readonly string[] = notRewritten): Outcome {
  const files = globSync(sources, { cwd: folder, exclude: excluded })
    .filter((file) => !exempt.some((path) => file === path || file.startsWith(`${path}/`)))
    .toSorted()
  const found = files.flatMap((file) => {
    const text = readFileSync(join(folder, file), 'utf8')
    return [...idiomIn(file, proseOf(file, text)), ...oldNamesIn(file, text)]
  })
  return { ok: found.length === 0, output: found.join('\n') }
}
