import { eventually } from '../../../common/eventually.ts'
import { type RuleBackend, ruleBackendHere, ruleBackendOf } from '../../kube-proxy/kube-proxy.ts'
import { forget, save, saved } from '../../ttl/saved.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Key of the saved state that the revert restores. */
  readonly name: string
  /** `chains`: kube-proxy's chains are empty. `tables`: they are gone, as after a flush of the firewall. */
  readonly what: 'chains' | 'tables'
}

interface Kept {
  readonly mode: RuleBackend['mode']
  readonly text: string
}

/** Time limit for a sync that kube-proxy has already begun. */
const writingMs = 5_000

/** Removes kube-proxy's rules. kube-proxy may write them again before the fault is reverted. */
export const flushProxy = agentAction({
  name: 'flush-proxy',
  do: async ({ name, what }: Params) => {
    const rules = await ruleBackendHere()
    const text = await rules.read()
    if (rules.count(text) === 0) throw new Error('kube-proxy has no rules to remove')
    const kept: Kept = { mode: rules.mode, text }
    await save(name, JSON.stringify(kept))
    await eventually('a moment without rules', () => withoutRules(rules, what), {
      timeoutMs: writingMs,
      intervalMs: 10,
    })
    return { mode: rules.mode, before: rules.count(text), left: 0 }
  },
  undo: async ({ name }) => {
    const text = await saved(name)
    if (text === undefined) return { name, restored: false, already: true }
    const kept = JSON.parse(text) as Kept
    const rules = ruleBackendOf(kept.mode)
    const restored = await rules.restore(kept.text)
    if (await rules.restore(kept.text)) throw new Error("kube-proxy's rules could not be restored")
    await forget(name)
    return { name, restored, rules: await rules.left(), before: rules.count(kept.text) }
  },
  evidence: async ({ name }) => {
    const text = await saved(name)
    if (text === undefined) throw new Error('no rules were removed under this name')
    const { mode } = JSON.parse(text) as Kept
    return { name, left: await ruleBackendOf(mode).left() }
  },
})

/** kube-proxy may be writing at the same moment, so the flush is repeated until no rule is left. */
async function withoutRules(rules: RuleBackend, what: Params['what']): Promise<boolean> {
  await rules.flush(await rules.read(), what)
  const left = await rules.left()
  if (left > 0) throw new Error(`${left} rules still exist, or exist again`)
  return true
}
