// What the words after `bootstrap.mjs` mean: which program goes on, with which arguments, and whether it needs an engine.
import { Refusal } from './say.mjs'

const programs = {
  run: { file: 'harness/cli/main.ts', words: ['run'], engine: true },
  cli: { file: 'harness/cli/main.ts', words: [], engine: false },
  test: { file: 'scripts/test.ts', words: [], engine: true },
  check: { file: 'scripts/check.ts', words: [], engine: false },
  bench: { file: 'bench/main.ts', words: [], engine: true },
}
/** Verbs of the command line that can't do without an engine and are allowed to set one up. */
const engineVerbs = new Set(['run', 'up'])

/**
 * @param {readonly string[]} argv
 * @returns {{ args: string[], engine: boolean, yes: boolean }}
 */
export function planOf(argv) {
  const [name = '', ...rest] = argv
  if (!Object.hasOwn(programs, name)) {
    throw new Refusal(
      `bootstrap.mjs knows ${Object.keys(programs).join(', ')}, not "${name}".`,
      'Use the scripts of package.json.',
    )
  }
  const program = programs[/** @type {keyof typeof programs} */ (name)]
  const args = rest.filter((word) => word !== '--yes')
  const asksForHelp = args.some((word) => word === '--help' || word === '-h' || word === '--version')
  const verb = program.words[0] ?? args[0] ?? ''
  const engine = (program.engine || (name === 'cli' && engineVerbs.has(verb))) && !asksForHelp
  return { args: [program.file, ...program.words, ...args], engine, yes: args.length !== rest.length }
}
