import { eventually } from '../../../eventually.ts'
import { type ProxyRules, proxyRulesHere, proxyRulesOf } from '../kube-proxy.ts'
import { forget, save, saved } from '../saved.ts'
import { agentAction } from './action.ts'

interface Params {
  /** What is kept to be put back is kept under this name. */
  readonly name: string
  /** `chains`: kube-proxy's chains are empty. `tables`: they are gone, as after somebody flushed the firewall. */
  readonly what: 'chains' | 'tables'
}

interface Kept {
  readonly mode: ProxyRules['mode']
  readonly text: string
}

/** How long a kube-proxy may go on with what it is writing. */
const writingMs = 5_000

/** Takes kube-proxy's rules away. It may write them again by itself before the fault is healed. */
export const flushProxy = agentAction({
  name: 'flush-proxy',
  do: async ({ name, what }: Params) => {
    const rules = await proxyRulesHere()
    const text = await rules.read()
    if (rules.count(text) === 0) throw new Error('kube-proxy has no rules that could be taken away')
    const kept: Kept = { mode: rules.mode, text }
    await save(name, JSON.stringify(kept))
    await eventually('a moment without rules', () => withoutRules(rules, what), { withinMs: writingMs, everyMs: 10 })
    return { mode: rules.mode, before: rules.count(text), left: 0 }
  },
  undo: async ({ name }) => {
    const text = await saved(name)
    if (text === undefined) return { name, restored: false, already: true }
    const kept = JSON.parse(text) as Kept
    const rules = proxyRulesOf(kept.mode)
    const restored = await rules.restore(kept.text)
    if (await rules.restore(kept.text)) throw new Error("kube-proxy's rules could not be put back")
    await forget(name)
    return { name, restored, rules: await rules.left(), before: rules.count(kept.text) }
  },
  proof: async ({ name }) => {
    const text = await saved(name)
    if (text === undefined) throw new Error('no rules were taken away under this name')
    const { mode } = JSON.parse(text) as Kept
    return { name, left: await proxyRulesOf(mode).left() }
  },
})

/** A kube-proxy that writes in the very moment has some again at once: they are taken away until all of them are gone. */
async function withoutRules(rules: ProxyRules, what: Params['what']): Promise<boolean> {
  await rules.flush(await rules.read(), what)
  const left = await rules.left()
  if (left > 0) throw new Error(`${left} rules are still there, or again`)
  return true
}
