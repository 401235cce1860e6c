import { command } from './command.ts'

/*
 * A kernel keeps iptables' rules in one of two places, by the program that writes them, and whoever looks in the other place sees
 * none. The image of k3s decides for itself which it writes. The kubelet marks the place with a chain that is there for nothing else:
 * https://github.com/kubernetes/enhancements/tree/master/keps/sig-network/3178-iptables-cleanup
 */

type Kind = 'nft' | 'legacy'

const hint = ':KUBE-IPTABLES-HINT '
let known: Kind | undefined

/**
 * Where this machine's kubelet and kube-proxy write. Legacy is looked at last: looking alone makes tables of that kind.
 * @throws where neither has been written to by a kubelet: what is read then would be nobody's
 */
export async function iptablesKind(save: (kind: Kind) => Promise<string> = savedMangle): Promise<Kind> {
  // An agent ends with its machine, and nothing but a machine's start changes it.
  if (known) return known
  const failures: string[] = []
  for (const kind of ['nft', 'legacy'] as const) {
    // A kernel may lack one of them: what counts is that the other one shows the kubelet's chain.
    const text = await save(kind).catch((error: unknown) => {
      failures.push(error instanceof Error ? error.message : String(error))
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

/** `iptables-save` of the kind that is written here. */
export async function iptablesSave(...args: readonly string[]): Promise<string> {
  return command(`iptables-${await iptablesKind()}-save`, args)
}

/** Adds to what is there, all of it or nothing. */
export async function iptablesRestore(lines: string): Promise<void> {
  await command(`iptables-${await iptablesKind()}-restore`, ['--noflush', '-w', '10'], lines)
}

function savedMangle(kind: Kind): Promise<string> {
  return command(`iptables-${kind}-save`, ['-t', 'mangle'])
}
