import { expect, test } from 'vitest'
import { etcdctlCredentials } from '../../../../harness/cluster/etcd.ts'
import { targetsOf } from '../../../../harness/faults/targets/target-words.ts'
import { type BreakableCluster, nth } from '../breakable-cluster.ts'

const etcdctl = `etcdctl ${etcdctlCredentials.join(' ')} --endpoints=https://127.0.0.1:2379`
const kubectl = 'kubectl --kubeconfig=/etc/kubernetes/admin.conf'
const last = <T>(from: readonly T[]): T => nth(from, from.length - 1)
const without = <T>(from: readonly T[], one: T): T[] => from.filter((other) => other !== one)

/** Target selectors by role and state with several candidates. etcdctl and kubectl give the expected results. */
export function targetTests(it: () => BreakableCluster, namespace: string): void {
  const components = async (words: string): Promise<string[]> =>
    (await targetsOf('component', words, it().own.cluster, last)).map(({ machine }) => machine.name)
  const machines = async (words: string): Promise<string[]> =>
    (await targetsOf('machine', words, it().own.cluster, last)).map(({ name }) => name)
  const shell = (machine: string, script: string): Promise<string> =>
    it().shell(it().own.cluster.machine(machine), script)

  test('etcd by role: leader, followers, one follower, any, all, minority', async () => {
    const members = ['etcd1', 'etcd2', 'etcd3']
    const leads = async (member: string): Promise<boolean> => {
      const fields = await shell(member, `${etcdctl} endpoint status -w fields`)
      const [leader, self] = ['Leader', 'MemberID'].map((field) => new RegExp(`"${field}" : (\\d+)`).exec(fields)?.[1])
      return leader !== undefined && leader === self
    }
    const leading = await Promise.all(members.map(leads))
    const leader = nth(members.filter((_, n) => leading[n]))
    const followers = without(members, leader)
    expect(followers).toHaveLength(2)
    expect(await components('etcd@leader')).toEqual([leader])
    expect(await components('etcd@followers')).toEqual(followers)
    expect(await components('etcd@follower')).toEqual([last(followers)])
    expect(await components('etcd@any')).toEqual(['etcd3'])
    expect(await components('etcd@all')).toEqual(members)
    expect(await components('etcd@minority')).toEqual(['etcd1'])
    expect(await machines('etcd@leader')).toEqual([leader])
  })

  test.each(['kube-scheduler', 'kube-controller-manager'])(
    '%s by role: the holder of the Lease and the other instance',
    async (name) => {
      const lease = `${kubectl} get lease -n kube-system ${name} -o jsonpath='{.spec.holderIdentity}'`
      const holder = nth((await shell('control-plane1', lease)).split('_'))
      const all = ['control-plane1', 'control-plane2']
      expect(all).toContain(holder)
      expect(await components(`${name}@leader`)).toEqual([holder])
      expect(await components(`${name}@follower`)).toEqual(without(all, holder))
      expect(await components(`${name}@all`)).toEqual(all)
      // Two instances have no minority.
      await expect(components(`${name}@minority`)).rejects.toMatchObject({ code: 'HF_NO_TARGET', exitCode: 64 })
    },
  )

  test('machines by state: one that hosts a pod, and one that does not', async () => {
    const path = '{.items[0].metadata.name} {.items[0].spec.nodeName}'
    const [pod = '', host = ''] = (
      await shell('control-plane1', `${kubectl} get pods -n ${namespace} -o jsonpath='${path}'`)
    ).split(' ')
    const workers = it().own.cluster.workers.map(({ name }) => name)
    expect(workers).toContain(host)
    expect(await machines(`hosting:${namespace}/${pod}`)).toEqual([host])
    expect(await machines(`without:${namespace}/${pod}`)).toEqual([last(without(workers, host))])
    await expect(machines(`hosting:${namespace}/absent`)).rejects.toMatchObject({ exitCode: 64 })
  })
}
