import type { V1Pod } from '@kubernetes/client-node'
import type { Cluster, ComponentRef } from '../../cluster/cluster.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import type { ContainerRef, Targets } from '../engine/fault-kind.ts'
import { nameOf, runningPods, runs, withPhases } from './running-pods.ts'
import { type Choose, componentNamed, hosting, instances, some, unknownTarget, without, zone } from './targets.ts'

/* Target selectors of the command line, defined once for parsing, help and errors. */

const roles = ['leader', 'follower', 'followers', 'any', 'all', 'minority'] as const

export const targetHelp: Readonly<Record<keyof Targets, string>> = {
  component: `COMPONENT@MACHINE, or COMPONENT@${roles.join('|')}`,
  container: 'NAMESPACE/POD/CONTAINER; POD may be a name prefix, CONTAINER is pause for the sandbox',
  machine: 'MACHINE, any-worker, zone:ZONE, hosting:NAMESPACE/POD, without:NAMESPACE/POD, or COMPONENT@leader',
  group: 'MACHINE,MACHINE,..., or all:COMPONENT',
  cluster: 'cluster',
}

/**
 * Resolves a target selector in this cluster, one entry for each fault: `etcd@all` gives several. Has no side effects.
 * @throws HoldfastError HF_UNKNOWN_TARGET, HF_UNKNOWN_MACHINE, HF_NO_TARGET, HF_NO_LEADER
 */
export async function targetsOf<Hits extends keyof Targets>(
  hits: Hits,
  selector: string,
  cluster: Cluster,
  choose: Choose,
): Promise<readonly Targets[Hits][]> {
  const parse = parsers[hits] as (
    selector: string,
    cluster: Cluster,
    choose: Choose,
  ) => Promise<readonly Targets[Hits][]>
  return parse(selector, cluster, choose)
}

const parsers: {
  readonly [Hits in keyof Targets]: (
    selector: string,
    cluster: Cluster,
    choose: Choose,
  ) => Promise<readonly Targets[Hits][]>
} = {
  component: components,
  container: async (selector, cluster) => [await container(selector, cluster)],
  machine: machines,
  group: async (selector, cluster) => [group(selector, cluster)],
  cluster: async (selector, cluster) => {
    if (selector !== 'cluster') throw malformed('cluster', selector)
    return [cluster]
  },
}

async function components(selector: string, cluster: Cluster, choose: Choose): Promise<readonly ComponentRef[]> {
  const [name = '', place = '', ...more] = selector.split('@')
  if (place === '' || more.length > 0) throw malformed('component', selector)
  const component = componentNamed(cluster, name)
  const role = roles.find((role) => role === place)
  if (role) return instances(cluster, component, role, choose)
  const machine = cluster.machine(place)
  if (cluster.all(component).some((one) => one.machine === machine)) return [{ machine, component }]
  throw unknownTarget(`no ${component} on ${place}`, `Choose one of ${namesOf(cluster.all(component))}.`)
}

async function machines(selector: string, cluster: Cluster, choose: Choose): Promise<readonly Machine[]> {
  const [kind = '', rest] = selector.split(':', 2)
  if (selector === 'any-worker') return [choose(some(cluster.workers, 'a worker'))]
  if (selector.includes('@')) return (await components(selector, cluster, choose)).map(({ machine }) => machine)
  if (rest === undefined) return [cluster.machine(selector)]
  const [namespace = '', pod = ''] = rest.split('/')
  if (kind === 'zone') return zone(cluster, rest)
  if (kind === 'hosting' && pod !== '') return [await hosting(cluster, namespace, pod)]
  if (kind === 'without' && pod !== '') return [choose(await without(cluster, namespace, pod))]
  throw malformed('machine', selector)
}

function group(selector: string, cluster: Cluster): readonly Machine[] {
  const [kind = '', component] = selector.split(':', 2)
  if (component === undefined) return selector.split(',').map((name) => cluster.machine(name))
  if (kind !== 'all') throw malformed('group', selector)
  return cluster.all(componentNamed(cluster, component)).map(({ machine }) => machine)
}

async function container(selector: string, cluster: Cluster): Promise<ContainerRef> {
  const [namespace = '', prefix = '', name = '', ...more] = selector.split('/')
  if (name === '' || more.length > 0) throw malformed('container', selector)
  const pods = await cluster.kubernetes.list<V1Pod>('v1', 'Pod', namespace)
  const pod = podWith(pods, prefix, name)
  if (!pod?.spec?.nodeName) {
    const there = withPhases(pods)
    const hint =
      there === '' ? `Choose another namespace: ${namespace} has no pods.` : `Choose one of its pods: ${there}.`
    throw unknownTarget(`no running container ${name} in a pod ${prefix}* in the namespace ${namespace}`, hint)
  }
  return { machine: cluster.machine(pod.spec.nodeName), namespace, pod: nameOf(pod), container: name }
}

/** Returns the pod of that name, or the first with that name prefix, in which the container runs. Exported for its test. */
export function podWith(pods: readonly V1Pod[], prefix: string, container: string): V1Pod | undefined {
  const running = runningPods(pods).filter((pod) => runs(pod, container))
  return running.find((pod) => nameOf(pod) === prefix) ?? running.find((pod) => nameOf(pod).startsWith(prefix))
}

function malformed(hits: keyof Targets, selector: string): Error {
  return unknownTarget(`no target "${selector}" for a fault that hits a ${hits}`, `Write ${targetHelp[hits]}.`)
}

function namesOf(refs: readonly ComponentRef[]): string {
  return refs.map(({ machine }) => machine.name).join(', ')
}
