import { errorMessage } from '../../common/error-message.mjs'
import { command } from '../processes/command.ts'

/*
 * A kernel keeps iptables' rules in one of two places, by the program that writes them; the other place shows none of them.
 * The image of k3s chooses by itself. The kubelet marks the place with a chain that exists for this purpose only:
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/3178-iptables-cleanup
 */

type Kind = 'nft' | 'legacy'

const hint = ':KUBE-IPTABLES-HINT '
let known: Kind | undefined

/**
 * Returns the place to which this machine's kubelet and kube-proxy write. Legacy is read last, because reading creates its
 * tables.
 * @throws when neither place has a kubelet's chain: rules read there would mean nothing
 */
export async function iptablesKind(save: (kind: Kind) => Promise<string> = savedMangle): Promise<Kind> {
  // An agent ends with its machine, and only a machine's start changes the place.
  if (known) return known
  const failures: string[] = []
  for (const kind of ['nft', 'legacy'] as const) {
    // A kernel may lack one of them; a kubelet's chain in the other one is enough.
    const text = await save(kind).catch((error: unknown) => {
      failures.push(errorMessage(error))
      return ''
    })
    if (!text.includes(hint)) continue
    known = kind
    return kind
  }
  throw new Error(
    `neither iptables-nft nor iptables-legacy shows a chain of the kubelet: the rules of kube-proxy can not be read${failures.map((why) => `; ${why}`).join('')}`,
  )
}

/** Runs `iptables-save` for the place in use. */
export async function iptablesSave(...args: readonly string[]): Promise<string> {
  return command(`iptables-${await iptablesKind()}-save`, args)
}

/** Adds rules to the existing ones, all of them or none. */
export async function iptablesRestore(lines: string): Promise<void> {
  await command(`iptables-${await iptablesKind()}-restore`, ['--noflush', '-w', '10'], lines)
}

function savedMangle(kind: Kind): Promise<string> {
  return command(`iptables-${kind}-save`, ['-t', 'mangle'])
}
