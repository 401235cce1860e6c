import { etcdctlCredentials } from '../../../../harness/cluster/etcd.ts'
import type { Machine } from '../../../../harness/cluster/machine/machine.ts'
import type { ScenarioContext } from '../../../../harness/run/scenario.ts'
import { byHand } from '../never-recovers/by-hand.ts'
import { nothingToRepair, type Sabotage } from './sabotage.ts'

/*
 * Power cuts of etcd members' machines. The page cache of a killed container stays in the host's kernel: a power cut alone loses
 * nothing. What a disk without a sync would lose is therefore removed by hand.
 */

const writingMs = 4_000
const folder = '/var/lib/etcd'
const run = '/opt/holdfast/sv/etcd/run'
const pki = etcdctlCredentials.join(' ')

/** The only member starts with the data from before its last acknowledgements. */
export const rolledBackMember: Sabotage = {
  name: 'rolled-back-member',
  alone: true,
  expected: [{ contract: 'ETCD-04', code: 'WRITES_LOST' }],
  use: (context, sabotage) => cutPower(context, sabotage, context.cluster.etcd),
  breaks: ({ etcd }) => rollBackAtStart(etcd),
}

/** Every member of three starts with the data from before its last acknowledgements. */
export const rolledBackQuorum: Sabotage = {
  name: 'rolled-back-quorum',
  topology: 'ha',
  alone: true,
  expected: [{ contract: 'ETCD-04', code: 'WRITES_LOST' }],
  use: (context, sabotage) => cutPower(context, sabotage, context.cluster.etcd),
  breaks: ({ etcd }) => rollBackAtStart(etcd),
}

/** A follower starts without entries that it had confirmed to its leader: etcd ends with a panic at each start. */
export const rolledBackFollower: Sabotage = {
  name: 'rolled-back-follower',
  topology: 'ha',
  alone: true,
  expected: [{ contract: 'ETCD-02', code: 'MEMBER_NEVER_REJOINED' }],
  async use(context, sabotage) {
    const [follower] = await context.cluster.followers('etcd')
    await cutPower(context, sabotage, follower ? [follower.machine] : [])
  },
  async breaks(cluster) {
    const [follower] = await cluster.followers('etcd')
    return rollBackAtStart(follower ? [follower.machine] : [])
  },
}

/** The only member acknowledges writes that it does not sync, and its disk loses what was not synced. */
export const unsyncedMember: Sabotage = {
  name: 'unsynced-member',
  alone: true,
  expected: [{ contract: 'ETCD-04', code: 'WRITES_LOST' }],
  async use(context, sabotage) {
    const { etcd } = context.cluster
    for (const machine of etcd) await moveToDisk(machine)
    const loseUnsynced = async (): Promise<void> => {
      for (const machine of etcd)
        await byHand(machine, `kill -STOP $(pidof etcd); cp --sparse=always ${disk} ${synced}`)
    }
    await cutPower(context, sabotage, etcd, loseUnsynced)
  },
  async breaks({ etcd }) {
    for (const machine of etcd) {
      await byHand(
        machine,
        `sed -i "s/^exec etcd/& --unsafe-no-fsync/" ${run}\n${restart}\nsync --file-system ${mounted}`,
      )
    }
    return nothingToRepair
  },
}

/** Clients write, the machines lose power and get it back, clients write again, and everything is read back. */
async function cutPower(
  { cluster, faults, traffic, until, consistently, attempt, signal }: ScenarioContext,
  sabotage: () => Promise<void>,
  machines: readonly Machine[],
  beforeCut = (): Promise<void> => Promise.resolve(),
): Promise<void> {
  const minute = { timeoutMs: 60_000 } as const
  const write = () => consistently('clients write', () => true, { forMs: writingMs, intervalMs: 1_000 })
  const ledger = await traffic.ledger()
  await write()
  await sabotage()
  await write()
  await beforeCut()
  const cuts = []
  for (const machine of machines) cuts.push(await faults.killMachine(machine))
  await Promise.all(cuts.map((cut) => cut.heal()))
  await until('one leader for all', () => cluster.etcdAgrees(), minute)
  await until('every API server to take writes', () => cluster.probeWriteThroughAll(), minute)
  await write()
  await attempt('everything written to be read back', () => ledger.close(signal))
}

/** Copies the data of each member, crash-consistent, and has the member's next start use the copy. */
async function rollBackAtStart(machines: readonly Machine[]): Promise<AsyncDisposable> {
  const swap = `[ ! -e ${folder}/older ] || { rm -r ${folder}/data; mv ${folder}/older ${folder}/data; }`
  for (const machine of machines) {
    await byHand(
      machine,
      `kill -STOP $(pidof etcd); cp --archive --sparse=always ${folder}/data ${folder}/older; kill -CONT $(pidof etcd); sed -i '2i ${swap}' ${run}`,
    )
  }
  return nothingToRepair
}

const disk = `${folder}/disk.img`
/** What the disk holds when the power is cut. */
const synced = `${folder}/synced.img`
const mounted = `${folder}/disk`

/**
 * Moves a member's data to a file system in a file. The file holds what was synced, and the page cache the rest: a copy of the file is
 * what a disk holds after a power cut. ext4 commits by itself every five seconds unless it is mounted otherwise.
 */
async function moveToDisk(machine: Machine): Promise<void> {
  const mount = [
    `! grep -q ${mounted} /proc/mounts || exit 0`,
    `[ ! -e ${synced} ] || mv ${synced} ${disk}`,
    'device=$(losetup --find)',
    '[ -e $device ] || mknod -m 660 $device b 7 ${device#/dev/loop}',
    `mkdir -p ${mounted}; mount -o loop,commit=600 ${disk} ${mounted}`,
  ].join('\n')
  const steps = [
    // The run without the sabotage comes first, on the same cluster.
    `[ ! -e ${disk} ] || exit 0`,
    `echo '${mount}' >${folder}/mount.sh`,
    `truncate --size=1G ${disk}; mke2fs -q -t ext4 -F ${disk}; sh -e ${folder}/mount.sh`,
    `sed -i '2i sh -e ${folder}/mount.sh || exit 1' ${run}`,
    `kill -STOP $(pidof etcd); cp --archive --sparse=always ${folder}/data ${mounted}/data`,
    `rm -r ${folder}/data; ln -s ${mounted}/data ${folder}/data`,
    restart,
  ]
  await byHand(machine, steps.join('\n'))
}

/** Kills etcd and waits until it serves again: by itself it ends only after many seconds. */
const restart = `kill -KILL $(pidof etcd); timeout 60 sh -c "until etcdctl ${pki} endpoint health; do sleep 0.2; done"`
