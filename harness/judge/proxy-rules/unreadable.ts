import { HoldfastError } from '../../errors.ts'

/** A dump of rules holds something that is not understood: what it does to a packet can't be said. */
export function unreadable(what: string, where: string): HoldfastError {
  return new HoldfastError('HF_UNREADABLE_RULE', `Holdfast can't interpret the rule in ${where}: ${what}.`, {
    hint: 'This version of Holdfast does not support that rule of kube-proxy. Add it to harness/judge/proxy-rules.',
  })
}
