// Maps the arguments of `bootstrap.mjs` to the program to run, its arguments, and whether it needs an engine.
import { Refusal } from './print.mjs'

const programs = {
  run: { file: 'harness/cli/main.ts', args: ['run'], engine: true },
  cli: { file: 'harness/cli/main.ts', args: [], engine: false },
  test: { file: 'scripts/test.ts', args: [], engine: true },
  check: { file: 'scripts/check.ts', args: [], engine: false },
  bench: { file: 'bench/main.ts', args: [], engine: true },
}
/** Commands that create objects on an engine, and so may install one. The others only read what exists. */
const engineCommands = [['run'], ['up'], ['images', 'build'], ['images', 'import']]

/**
 * @param {readonly string[]} argv
 * @returns {{ args: string[], engine: boolean, yes: boolean }}
 */
export function planOf(argv) {
  const [name = '', ...rest] = argv
  if (!Object.hasOwn(programs, name)) {
    throw new Refusal(
      `Invalid bootstrap.mjs command "${name}": must be one of ${Object.keys(programs).join(', ')}.`,
      'Use the scripts of package.json.',
    )
  }
  const program = programs[/** @type {keyof typeof programs} */ (name)]
  const wantsHelp = rest.some((word) => word === '--help' || word === '-h' || word === '--version')
  const needsEngine = program.engine || (name === 'cli' && engineCommands.some((args) => beginsWith(rest, args)))
  // For other commands `--yes` is their own option, for example of `clean --all`.
  const args = needsEngine ? rest.filter((word) => word !== '--yes') : rest
  return {
    args: [program.file, ...program.args, ...args],
    engine: needsEngine && !wantsHelp,
    yes: args.length !== rest.length,
  }
}

/**
 * @param {readonly string[]} args
 * @param {readonly string[]} first
 */
function beginsWith(args, first) {
  return first.every((word, index) => args[index] === word)
}
