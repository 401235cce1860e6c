import type { Cluster, ComponentRef } from '../../cluster/cluster.ts'
import { componentsOf, type Component } from '../../cluster/components.ts'
import { isNotFound } from '../../cluster/api/api-answer.ts'
import type { Machine } from '../../cluster/machine/machine.ts'
import { HoldfastError } from '../../common/errors.ts'

/** Chooses one of several; in a scenario the run's seed decides. */
export type Choose = <T>(from: readonly T[]) => T

/**
 * Returns the instances of a component by role: `leader`, all `followers`, one `follower`, `any`, `all`, or a `minority`, the
 * largest number whose loss keeps the quorum.
 * @throws HoldfastError HF_NO_LEADER, HF_NO_TARGET
 */
export async function instances(
  cluster: Cluster,
  component: Component,
  role: 'leader' | 'follower' | 'followers' | 'any' | 'all' | 'minority',
  choose: Choose,
): Promise<readonly ComponentRef[]> {
  const all = cluster.all(component)
  switch (role) {
    case 'all':
      return some(all, `an instance of ${component}`)
    case 'any':
      return [choose(some(all, `an instance of ${component}`))]
    case 'minority':
      return some(
        all.slice(0, Math.floor((all.length - 1) / 2)),
        `a minority of ${all.length} instances of ${component}`,
      )
    case 'leader':
      return [await cluster.leader(elected(component))]
    case 'followers':
      return some(await cluster.followers(elected(component)), `a follower of ${component}`)
    case 'follower':
      return [choose(some(await cluster.followers(elected(component)), `a follower of ${component}`))]
  }
}

/** The machine that hosts a pod. @throws HoldfastError HF_NO_TARGET while the pod is unbound, HF_UNKNOWN_TARGET */
export async function hosting(cluster: Cluster, namespace: string, pod: string): Promise<Machine> {
  const host = await hostOf(cluster, namespace, pod)
  return some(host ? [host] : [], `a machine that hosts ${namespace}/${pod}`)[0]
}

/** The workers that do not host a pod. @throws HoldfastError HF_NO_TARGET, HF_UNKNOWN_TARGET */
export async function without(cluster: Cluster, namespace: string, pod: string): Promise<readonly Machine[]> {
  const host = await hostOf(cluster, namespace, pod)
  return some(
    cluster.workers.filter((machine) => machine !== host),
    `a worker without ${namespace}/${pod}`,
  )
}

async function hostOf(cluster: Cluster, namespace: string, pod: string): Promise<Machine | undefined> {
  try {
    return await cluster.hostOf(namespace, pod)
  } catch (error) {
    if (!isNotFound(error)) throw error
    throw unknownTarget(`no pod ${namespace}/${pod}`, 'List the pods: kubectl get pods --all-namespaces.')
  }
}

/** Every machine of a zone. @throws HoldfastError HF_NO_TARGET */
export function zone(cluster: Cluster, name: string): readonly Machine[] {
  const zones = [...new Set(cluster.machines.map(({ spec }) => spec.zone))].join(', ')
  return some(
    cluster.machines.filter(({ spec }) => spec.zone === name),
    `a machine in ${name} (zones: ${zones})`,
  )
}

/** @throws HoldfastError HF_UNKNOWN_TARGET when no machine of the cluster runs such a component */
export function componentNamed(cluster: Cluster, name: string): Component {
  const known = new Set(cluster.machines.flatMap(({ spec }) => componentsOf(spec)))
  for (const component of known) if (component === name) return component
  throw unknownTarget(`no component "${name}"`, `Choose one of ${[...known].join(', ')}.`)
}

export function unknownTarget(what: string, hint: string): HoldfastError {
  return new HoldfastError('HF_UNKNOWN_TARGET', `There is ${what}.`, { hint, exitCode: 64 })
}

function elected(component: Component): 'kube-scheduler' | 'kube-controller-manager' | 'etcd' {
  if (component === 'kube-scheduler' || component === 'kube-controller-manager' || component === 'etcd')
    return component
  throw unknownTarget(`no leader of ${component}`, 'Choose kube-scheduler, kube-controller-manager or etcd.')
}

export function some<T>(found: readonly T[], what: string): readonly [T, ...T[]] {
  const [first, ...rest] = found
  if (first !== undefined) return [first, ...rest]
  throw new HoldfastError('HF_NO_TARGET', `This cluster does not have ${what}.`, {
    hint: 'Choose another target, or a larger topology.',
    exitCode: 64,
  })
}
