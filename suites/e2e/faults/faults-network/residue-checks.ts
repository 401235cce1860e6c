import { expect, test } from 'vitest'
import { Intents } from '../../../../harness/faults/engine/intents.ts'
import { groupNamed } from './cgroup-by-hand.ts'
import type { PodPair } from './pod-pair.ts'

/** One kind of residue: how the test creates and removes it. */
interface Left {
  /** Its kind in the residue check. */
  readonly what: string
  readonly change?: 'missing'
  /** Part of its entry in the residue check. */
  readonly entry: string
  /** Shell commands in a machine's container. */
  readonly made: string
  readonly gone: string
}

const { freeze, thaw } = groupNamed('left')
/** Starts a background process and waits until it runs. */
const background = (words: string, seen: string): string =>
  `setsid ${words} </dev/null >/dev/null 2>&1 & until pgrep -fx '${seen}' >/dev/null; do :; done`

const inAMachine: readonly Left[] = [
  {
    what: 'stopped process',
    entry: 'sleep 4001',
    made: `${background('sleep 4001', 'sleep 4001')}; kill -STOP $(pgrep -fx 'sleep 4001')`,
    gone: "kill -KILL $(pgrep -fx 'sleep 4001')",
  },
  {
    // Faults that freeze a file system or load a processor run as named shells.
    what: 'process of ours',
    entry: 'holdfast-freeze',
    made: background("sh -c 'sleep 4002; :' holdfast-freeze", 'sh -c sleep 4002; : holdfast-freeze'),
    gone: "kill -KILL $(pgrep -fx 'sh -c sleep 4002; : holdfast-freeze') $(pgrep -fx 'sleep 4002')",
  },
  {
    what: 'process of ours',
    entry: 'impair -queue 4003',
    made: background("sh -c 'sleep 4003 | impair -queue 4003 -mark 7'", 'impair -queue 4003 -mark 7'),
    gone: "kill -KILL $(pgrep -fx 'impair -queue 4003 -mark 7') $(pgrep -fx 'sleep 4003')",
  },
  { what: 'frozen cgroup', entry: '/left', made: freeze, gone: thaw },
  {
    what: 'nft table of ours',
    entry: 'table inet holdfast_left',
    made: 'nft add table inet holdfast_left',
    gone: 'nft delete table inet holdfast_left',
  },
  {
    what: 'iptables rule of ours',
    entry: '-A OUTPUT',
    made: 'iptables -t mangle -A OUTPUT -p 200 -m comment --comment holdfast_left -j RETURN',
    gone: 'iptables -t mangle -D OUTPUT -p 200 -m comment --comment holdfast_left -j RETURN',
  },
  {
    what: 'iptables rule of ours',
    entry: ':HOLDFAST-left',
    made: 'iptables -t mangle -N HOLDFAST-left',
    gone: 'iptables -t mangle -X HOLDFAST-left',
  },
  {
    what: 'qdisc',
    entry: 'tbf',
    made: 'tc qdisc add dev lo root tbf rate 1gbit burst 1mb latency 50ms',
    gone: 'tc qdisc del dev lo root',
  },
  {
    what: 'route',
    entry: 'unreachable 192.0.2.0/24',
    made: 'ip route add unreachable 192.0.2.0/24',
    gone: 'ip route del unreachable 192.0.2.0/24',
  },
  {
    what: 'link',
    entry: 'left-behind down',
    made: 'ip link add left-behind type bridge',
    gone: 'ip link del left-behind',
  },
  {
    what: 'mount',
    entry: '/mnt tmpfs',
    made: 'mount -t tmpfs left /mnt',
    gone: 'umount /mnt',
  },
  {
    what: 'loop device',
    entry: '/var/left.img',
    // A container has only the device files of its creation time: create the file of a newer device.
    made: `truncate --size=1M /var/left.img && device=$(losetup --find) &&
      { [ -e $device ] || mknod -m 660 $device b 7 \${device#/dev/loop}; } && losetup $device /var/left.img`,
    gone: 'losetup --detach $(losetup --noheadings --output NAME --associated /var/left.img) && rm /var/left.img',
  },
  {
    what: 'file of ours',
    entry: '/tmp/holdfast-left',
    made: 'touch /tmp/holdfast-left',
    gone: 'rm /tmp/holdfast-left',
  },
  {
    what: 'file of ours',
    entry: '/opt/holdfast/saved/holdfast_left',
    made: 'mkdir -p /opt/holdfast/saved && touch /opt/holdfast/saved/holdfast_left',
    gone: 'rm /opt/holdfast/saved/holdfast_left',
  },
  {
    what: 'file of ours',
    entry: '/opt/holdfast/sv/kubelet/run.holdfast',
    made: 'touch /opt/holdfast/sv/kubelet/run.holdfast',
    gone: 'rm /opt/holdfast/sv/kubelet/run.holdfast',
  },
  {
    what: 'file',
    change: 'missing',
    entry: '/etc/kubernetes/kubelet.yaml',
    made: 'mv /etc/kubernetes/kubelet.yaml /root/kubelet.yaml',
    gone: 'mv /root/kubelet.yaml /etc/kubernetes/kubelet.yaml',
  },
  {
    what: 'conntrack entry of ours',
    entry: '192.0.2.1',
    made: 'conntrack -I -p udp -s 192.0.2.1 -d 192.0.2.2 --sport 1 --dport 2 -t 600 --mark 72',
    gone: 'conntrack -D -p udp -s 192.0.2.1 -d 192.0.2.2',
  },
  {
    what: 'lease',
    entry: 'left.json',
    made: 'echo "{" > /opt/holdfast/applied-faults/left.json',
    gone: 'rm /opt/holdfast/applied-faults/left.json',
  },
]

const finalizers = (list: string): string =>
  `kubectl patch node worker1 --type=merge --patch='{"metadata":{"finalizers":${list}}}'`

const inTheApi: readonly Left[] = [
  { what: 'cordon', entry: 'worker1', made: 'kubectl cordon worker1', gone: 'kubectl uncordon worker1' },
  {
    what: 'taint',
    entry: 'worker1 left:NoSchedule',
    made: 'kubectl taint node worker1 left=behind:NoSchedule',
    gone: 'kubectl taint node worker1 left-',
  },
  {
    what: 'finalizer',
    entry: 'worker1 holdfast.dev/left',
    made: finalizers('["holdfast.dev/left"]'),
    gone: finalizers('null'),
  },
  { what: 'namespace', entry: 'left', made: 'kubectl create namespace left', gone: 'kubectl delete namespace left' },
  {
    what: 'node',
    entry: 'left',
    made: `echo '{"apiVersion":"v1","kind":"Node","metadata":{"name":"left"}}' | kubectl create -f -`,
    gone: 'kubectl delete node left',
  },
]

/** Negative controls of the residue check: it finds every kind of residue. */
export function residueCheckTests(pair: () => PodPair): void {
  const findsAll = async (left: readonly Left[], where: string, run: (script: string) => Promise<string>) => {
    for (const { made } of left) await run(made)
    const found = await pair().residueCheck.differences()
    for (const { gone } of left) await run(gone)
    for (const { what, change = 'added', entry } of left)
      expect(found).toContainEqual({ where, what, change, entry: expect.stringContaining(entry) as string })
    expect(await pair().residueCheck.residue()).toEqual([])
  }

  test('finds each kind of residue in a machine', async () => {
    const machine = pair().machine('worker')
    await findsAll(inAMachine, machine.name, (script) => pair().shell(machine, script))
  })

  test('finds each kind of residue in the API', async () => {
    const kubectl = 'kubectl --kubeconfig=/etc/kubernetes/admin.conf'
    await findsAll(inTheApi, 'cluster', (script) =>
      pair().shell(pair().machine('master'), script.replace('kubectl', kubectl)),
    )
  })

  test('an unreadable machine is not clean until it is readable again', async () => {
    const machine = pair().machine('worker')
    const tool = await pair().shell(machine, 'command -v conntrack')
    await pair().shell(machine, `mv ${tool} ${tool}.away`)
    try {
      expect(await pair().residueCheck.differences()).toEqual([
        {
          where: machine.name,
          what: 'could not read',
          change: 'added',
          entry: expect.stringMatching(/^conntrack entry of ours: conntrack/) as string,
        },
      ])
    } finally {
      await pair().shell(machine, `mv ${tool}.away ${tool}`)
    }
    expect(await pair().residueCheck.residue()).toEqual([])
  })

  test('finds an intent that was not removed', async () => {
    const intents = new Intents(pair().own.cluster.folder)
    intents.write({ id: 'left', fault: 'kill', until: 0, holder: { pid: 1, startedAt: '' }, undo: [] })
    const found = await pair().residueCheck.differences()
    intents.remove('left')
    expect(found).toEqual([{ where: 'cluster', what: 'intent', change: 'added', entry: 'left' }])
  })
}
