import { type Outcome, root } from '../tool.ts'
import { cycles } from './cycles.ts'
import { directions, violations } from './directions.ts'
import { importsOf } from './read-imports.ts'

/** Checks that imports follow the allowed directions and that neither files nor folders form a cycle. */
export function importRules(imports = importsOf(root)): Outcome {
  const found = [
    ...violations(imports),
    ...cycles(imports).map((cycle) => `These files import each other: ${cycle.join(' -> ')}`),
    ...cycles(directions).map((cycle) => `The allowed directions form a cycle: ${cycle.join(' -> ')}`),
  ]
  return { ok: found.length === 0, output: found.join('\n') }
}
