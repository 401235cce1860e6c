import { join } from 'node:path'
import { command } from '../bootstrap/command.mjs'
import { type Outcome, root, tool } from './tool.ts'

/** The last commit that the rules of commitlint.config.mjs do not apply to. */
const base = 'b1e2105c1e2ea336d346dcb83dd175edd3854af5'

/** Checks the message of every commit after `after`. An archive or a shallow clone has no history to check. */
export async function commitMessages(repository = root, after = base): Promise<Outcome> {
  const { code } = await command('git', ['cat-file', '-e', `${after}^{commit}`], { cwd: repository })
  if (code !== 0) return { ok: true, output: '' }
  return tool('commitlint', '--cwd', repository, '--config', join(root, 'commitlint.config.mjs'), '--from', after)
}
