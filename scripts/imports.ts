import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, sep } from 'node:path'

/** One import of one file by another, both as paths from the root of the project. */
interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

interface Rule {
  /** Folders whose code may be used. Its own, and `harness` (the files directly in it: errors, waits), are always allowed. */
  readonly uses: readonly string[]
  /** Folders of which only types may be used. */
  readonly types?: readonly string[]
}

const effects = [
  'harness/host',
  'harness/images',
  'harness/record',
  'harness/cluster',
  'harness/faults',
  'harness/traffic',
]
const pure = ['harness/record', 'harness/contracts', 'harness/judge']

/** Which way imports point; docs/architecture.md draws the same picture. A folder that is not here may not exist. */
const rules: Readonly<Record<string, Rule>> = {
  harness: { uses: [] },
  'harness/host': { uses: [] },
  'harness/record': { uses: [] },
  'harness/images': { uses: ['harness/host'], types: ['harness/record', 'harness/run'] },
  'harness/cluster': { uses: ['harness/host', 'harness/images', 'harness/record'], types: ['harness/run'] },
  'harness/faults': { uses: ['harness/host', 'harness/cluster', 'harness/record', 'harness/images'] },
  // What a wait waits for is read by the same code that judges it.
  'harness/traffic': { uses: ['harness/cluster', 'harness/record', 'harness/images', 'harness/judge'] },
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

/** Every import that points the wrong way, as one sentence each. */
export function violations(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to, typeOnly }) => {
    const [here, there] = [folderOf(from), folderOf(to)]
    if (here === there || there === 'harness') return []
    const rule = rules[here]
    if (!rule) return [`${from}: the folder ${here} has no rule in scripts/imports.ts`]
    if (rule.uses.includes(there)) return []
    if (!rule.types?.includes(there)) return [`${from} imports ${to}: ${here} may not use ${there}`]
    return typeOnly ? [] : [`${from} imports ${to}: ${here} may use only types of ${there} (import type)`]
  })
}

/** Every relative import in the project's sources. Tests may import what they like, except that nothing imports the command line. */
export function importsOf(root: string): Import[] {
  const folders = Object.keys(rules).filter((folder) => !folder.startsWith('harness/'))
  const files = folders.flatMap((folder) => globSync(`${folder}/**/*.{ts,mjs}`, { cwd: root }))
  return files
    .flatMap((file) => readImports(file, readFileSync(join(root, file), 'utf8')))
    .filter(({ from, to }) => !isTest(from) || folderOf(to) === 'harness/cli')
}

/** The relative imports of one source text. */
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

/** Tests and what only tests use. */
export const isTest = (path: string): boolean => /\.test\.ts$|\/testing\//.test(path)
