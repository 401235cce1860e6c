import { type RuleBackend, ruleBackendHere, ruleBackendOf } from '../../kube-proxy/kube-proxy.ts'
import type { ServicePort } from '../../kube-proxy/proxy-rules.ts'
import { forget, save, saved } from '../../ttl/saved.ts'
import { agentAction } from '../action.ts'

interface Params {
  /** Key of the saved state that the revert restores. */
  readonly name: string
  readonly service: ServicePort
}

interface Kept {
  readonly mode: RuleBackend['mode']
  readonly rule: string
}

/** Deletes kube-proxy's one rule for a Service port; all others stay. */
export const deleteRule = agentAction({
  name: 'delete-rule',
  do: async ({ name, service }: Params) => {
    const rules = await ruleBackendHere()
    const rule = await rules.rule(service)
    if (rule === undefined) throw new Error(`kube-proxy has no rule for ${JSON.stringify(service)}`)
    const kept: Kept = { mode: rules.mode, rule }
    await save(name, JSON.stringify(kept))
    await rules.deleteRule(service, rule)
    if ((await rules.rule(service)) !== undefined) throw new Error('the rule still exists, or exists again')
    return { mode: rules.mode, rule, there: false }
  },
  undo: async ({ name, service }) => {
    const text = await saved(name)
    if (text === undefined) return { name, restored: false, already: true }
    const { mode, rule } = JSON.parse(text) as Kept
    const rules = ruleBackendOf(mode)
    const restored = (await rules.rule(service)) === undefined
    if (restored) await rules.addRule(service, rule)
    await forget(name)
    return { name, restored, there: (await rules.rule(service)) !== undefined }
  },
})
