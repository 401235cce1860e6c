import { globSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { faultKinds } from '../../harness/faults/catalogue/catalogue.ts'

/** The faults that a scenario's files call, by their names on the command line. */
export function scenarioFaults(root: string, scenario: string): string[] {
  const files = globSync([`scenarios/${scenario}.ts`, `scenarios/${scenario}/*.ts`], { cwd: root })
  const text = files.map((file) => readFileSync(join(root, file), 'utf8')).join('\n')
  const called = new Set([...text.matchAll(/faults\.(?:create\.)?(\w+)\(/g)].map(([, method = '']) => method))
  return faultKinds.map(({ name }) => name).filter((name) => called.has(methodOf(name)))
}

const methodOf = (name: string): string => name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())
