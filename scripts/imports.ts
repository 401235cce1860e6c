import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'

/** One import of one file by another, both as paths from the root of the project. */
interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

interface Rule {
  /** Folders whose code may be used. The own folder and the files directly in `harness` (errors, waits) are always allowed. */
  readonly uses: readonly string[]
  /** Folders whose types may be used, but not their code. */
  readonly types?: readonly string[]
}

const effects = [
  'harness/host',
  'harness/images',
  'harness/record',
  'harness/agent',
  'harness/cluster',
  'harness/faults',
  'harness/traffic',
]
const pure = ['harness/record', 'harness/contracts', 'harness/judge']

/** The allowed import directions, as in docs/architecture.md. Every folder needs a rule. */
const rules: Readonly<Record<string, Rule>> = {
  'harness/common': { uses: [] },
  'harness/host': { uses: [] },
  'harness/record': { uses: [] },
  'harness/agent': { uses: ['harness/record'] },
  'harness/images': { uses: ['harness/host'], types: ['harness/record', 'harness/run'] },
  'harness/cluster': {
    uses: ['harness/agent', 'harness/host', 'harness/images', 'harness/record'],
    types: ['harness/run'],
  },
  'harness/faults': { uses: ['harness/agent', 'harness/host', 'harness/cluster', 'harness/record', 'harness/images'] },
  // Waits and judges read rules with the same code.
  'harness/traffic': {
    uses: ['harness/agent', 'harness/cluster', 'harness/record', 'harness/images', 'harness/judge'],
  },
  'harness/judge': { uses: [], types: ['harness/record'] },
  'harness/contracts': { uses: ['harness/judge'], types: ['harness/record'] },
  'harness/run': { uses: [...effects, 'harness/judge', 'harness/contracts', 'scenarios', 'reports'] },
  'harness/vitest': { uses: [...effects, ...pure, 'harness/run', 'scenarios', 'reports'] },
  'harness/cli': { uses: [...effects, ...pure, 'harness/run', 'scenarios', 'reports'] },
  scenarios: { uses: ['harness/run', 'harness/cluster', 'harness/faults', 'harness/traffic', 'harness/record'] },
  examples: { uses: ['harness/run', 'harness/cluster', 'harness/faults', 'harness/traffic', 'harness/record'] },
  reports: { uses: ['harness/judge'], types: ['harness/record'] },
  suites: { uses: [...effects, ...pure, 'harness/run', 'harness/vitest', 'scenarios', 'reports'] },
  bench: { uses: [...effects, ...pure, 'harness/run', 'scenarios', 'reports'] },
  scripts: { uses: ['harness/host', 'harness/record', 'harness/faults', 'harness/judge', 'harness/contracts'] },
}

/** Returns one sentence for each import that breaks a rule. */
export function violations(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to, typeOnly }) => {
    const [here, there] = [folderOf(from), folderOf(to)]
    if (here === there || there === 'harness/common') return []
    const rule = rules[here]
    if (!rule) return [`${from}: the folder ${here} has no rule in scripts/imports.ts`]
    if (rule.uses.includes(there)) return []
    if (!rule.types?.includes(there)) return [`${from} imports ${to}: ${here} may not use ${there}`]
    return typeOnly ? [] : [`${from} imports ${to}: ${here} may use only types of ${there} (import type)`]
  })
}

/** Reads every relative import of the project. Imports by tests are left out, except those of the command line. */
export function importsOf(root: string): Import[] {
  const folders = [...new Set(Object.keys(rules).map((folder) => folder.split('/')[0]))]
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,mjs}`, { cwd: root }))
  return files
    .flatMap((file) => readImports(file, readFileSync(join(root, file), 'utf8')))
    .filter(({ from, to }) => !isTest(from) || folderOf(to) === 'harness/cli')
}

/** Reads the relative imports of one source text. */
export function readImports(file: string, text: string): Import[] {
  const statements =
    /^\s*(?:import|export)\b(\s+type\b)?[^'"`;]*?\bfrom\s*['"](\.[^'"]+)['"]|^\s*import\s*['"](\.[^'"]+)['"]|\bimport\(\s*['"](\.[^'"]+)['"]/gm
  return [...text.matchAll(statements)].map(([, type, named, bare, dynamic]) => ({
    from: file.split(sep).join('/'),
    to: normalize(join(dirname(file), named ?? bare ?? dynamic ?? ''))
      .split(sep)
      .join('/'),
    typeOnly: type !== undefined,
  }))
}

function folderOf(path: string): string {
  const [top = '', inner = '', rest] = path.split('/')
  return top === 'harness' && rest !== undefined ? `harness/${inner}` : top
}

/** Whether a file is a test or a helper that only tests use. */
export const isTest = (path: string): boolean => /\.test\.ts$|\/testing\//.test(path)
