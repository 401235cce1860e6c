import { HoldfastError } from '../../errors.ts'

/** A dump of rules holds something that is not understood: what it does to a packet can't be said. */
export function unreadable(what: string, where: string): HoldfastError {
  return new HoldfastError('HF_UNREADABLE_RULE', `The rule of ${where} is not understood: ${what}.`, {
    hint: 'kube-proxy writes rules of another shape than this version of Holdfast knows: teach it to harness/judge/proxy-rules.',
  })
}
