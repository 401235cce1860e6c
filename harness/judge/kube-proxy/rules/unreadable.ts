import { HoldfastError } from '../../../common/errors.ts'

/** A dump of rules contains something unsupported, so the fate of a packet can't be determined. */
export function unreadable(what: string, where: string): HoldfastError {
  return new HoldfastError('HF_UNREADABLE_RULE', `The rule of ${where} is not supported: ${what}.`, {
    hint: 'kube-proxy writes rules of a shape that this version of Holdfast does not support: extend harness/judge/kube-proxy.',
  })
}
