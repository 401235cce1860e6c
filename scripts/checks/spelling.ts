import { join } from 'node:path'
import { sources } from './language.ts'
import { type Outcome, root, tool } from './tool.ts'

/** Checks the spelling of code, comments and Markdown; scripts/checks/language/words.txt adds the words of the project. */
export function spelling(folder = root): Promise<Outcome> {
  const cache = ['--cache', '--cache-strategy', 'content', '--cache-location', 'node_modules/.cache/cspell']
  const quiet = ['--no-progress', '--no-summary']
  return tool('cspell', '--config', join(root, 'cspell.json'), '--root', folder, ...cache, ...quiet, sources)
}
