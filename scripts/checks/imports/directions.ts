import { type Import, isTest } from './read-imports.ts'

interface Rule {
  /** Folders whose code may be used. The own folder and `harness/common` are always allowed. */
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
  'harness/images': { uses: ['harness/host'], types: ['harness/record'] },
  'harness/cluster': { uses: ['harness/agent', 'harness/host', 'harness/images', 'harness/record'] },
  'harness/faults': { uses: ['harness/agent', 'harness/host', 'harness/cluster', 'harness/record', 'harness/images'] },
  // Waits and judges read rules with the same code.
  'harness/traffic': {
    uses: ['harness/agent', 'harness/cluster', 'harness/record', 'harness/images', 'harness/judge'],
  },
  'harness/judge': { uses: [], types: ['harness/record'] },
  'harness/contracts': { uses: ['harness/judge'], types: ['harness/record'] },
  'harness/run': { uses: [...effects, 'harness/judge', 'harness/contracts', 'reports'] },
  'harness/vitest': { uses: [...effects, ...pure, 'harness/run', 'scenarios', 'reports'] },
  'harness/cli': { uses: [...effects, ...pure, 'harness/run', 'scenarios', 'reports'] },
  scenarios: { uses: ['harness/run', 'harness/cluster', 'harness/faults', 'harness/traffic', 'harness/record'] },
  examples: { uses: ['harness/run', 'harness/cluster', 'harness/faults', 'harness/traffic', 'harness/record'] },
  reports: { uses: ['harness/judge'], types: ['harness/record'] },
  suites: { uses: [...effects, ...pure, 'harness/run', 'harness/vitest', 'scenarios', 'reports'] },
  bench: { uses: [...effects, ...pure, 'harness/run', 'scenarios', 'reports'] },
  scripts: {
    uses: ['harness/host', 'harness/record', 'harness/faults', 'harness/judge', 'harness/contracts', 'scenarios'],
  },
}

/** The allowed directions as edges between folders. */
export const directions = Object.entries(rules).flatMap(([from, { uses, types = [] }]) =>
  [...uses, ...types].map((to) => ({ from, to })),
)

/** Returns one sentence for each import that breaks a rule. Tests may import everything but the command line. */
export function violations(imports: readonly Import[]): string[] {
  return imports.flatMap(({ from, to, typeOnly }) => {
    const [here, there] = [folderOf(from), folderOf(to)]
    if (here === there || there === 'harness/common' || (isTest(from) && there !== 'harness/cli')) return []
    const rule = rules[here]
    if (!rule) return [`${from}: the folder ${here} has no rule in scripts/checks/imports/directions.ts`]
    if (rule.uses.includes(there)) return []
    if (!rule.types?.includes(there)) return [`${from} imports ${to}: ${here} may not use ${there}`]
    return typeOnly ? [] : [`${from} imports ${to}: ${here} may use only types of ${there} (import type)`]
  })
}

function folderOf(path: string): string {
  const [top = '', inner = '', rest] = path.split('/')
  return top === 'harness' && rest !== undefined ? `harness/${inner}` : top
}
