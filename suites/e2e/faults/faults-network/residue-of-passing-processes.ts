import type { KubernetesObject, V1Pod } from '@kubernetes/client-node'
import { expect, test } from 'vitest'
import { eventually } from '../../../../harness/common/eventually.ts'
import { ResidueCheck, revertWithinMs } from '../../../../harness/faults/residue/residue-check.ts'
import { podImages } from '../../../../harness/images/versions.ts'
import { groupNamed } from './cgroup-by-hand.ts'
import type { PodPair } from './pod-pair.ts'

const withinMs = 60_000

/** Transient objects of other programs are reported while they exist, but are no residue. */
export function passingProcessTests(pair: () => PodPair): void {
  const frozen = { where: 'worker1', what: 'frozen cgroup', change: 'added' } as const
  const onWorker = (script: string): Promise<string> => pair().shell(pair().machine('worker'), script)

  test('the residue check waits for a briefly frozen cgroup', async () => {
    const { freeze, thaw } = groupNamed('passing')
    await onWorker(freeze)
    const residue = pair().residueCheck.residue()
    expect(await pair().residueCheck.differences()).toMatchObject([frozen])
    await onWorker(thaw)
    expect(await residue).toEqual([])
  })

  test('a cgroup that is frozen during the baseline is not expected later and hides no later residue', async () => {
    const { freeze, thaw } = groupNamed('passing')
    await onWorker(freeze)
    const baseline = ResidueCheck.baseline(pair().own.cluster)
    expect(await pair().residueCheck.differences()).toMatchObject([frozen])
    await onWorker(thaw)
    const residueCheck = await baseline
    expect(await residueCheck.differences()).toEqual([])
    await onWorker(freeze)
    expect(await residueCheck.differences()).toMatchObject([frozen])
    await onWorker(thaw)
    expect(await residueCheck.residue()).toEqual([])
  })

  test('a frozen cgroup with a Holdfast name is reported at once', async () => {
    const { freeze, thaw } = groupNamed('holdfast_left')
    await onWorker(freeze)
    const began = performance.now()
    expect(await pair().residueCheck.residue()).toMatchObject([{ ...frozen, what: 'cgroup of ours' }])
    expect(performance.now() - began).toBeLessThan(revertWithinMs)
    await onWorker(thaw)
    expect(await pair().residueCheck.residue()).toEqual([])
  })

  test('objects of pods, with host ports too, are no residue at any moment', async () => {
    const { kubernetes } = pair().own.cluster
    const pods = [1, 2, 3].map((n) => podWithHostPort(`passing-${n}`, 8_400 + n, pair()))
    const seen = new Set<string>()
    const collectUntil = (what: string, fact: () => Promise<boolean>): Promise<boolean> =>
      eventually(
        what,
        async () => {
          for (const { what: kind, change, entry } of await pair().residueCheck.differences())
            seen.add(`${change} ${kind}${kind === 'frozen cgroup' ? '' : ` ${entry}`}`)
          return fact()
        },
        { timeoutMs: withinMs, intervalMs: 1 },
      )
    await Promise.all(pods.map((pod) => kubernetes.apply(pod)))
    await collectUntil('the pods to run', async () => {
      const found = await Promise.all(pods.map((pod) => kubernetes.read<V1Pod>(pod)))
      return found.every(({ status }) => status?.phase === 'Running')
    })
    expect(await pair().residueCheck.residue()).toEqual([])
    await Promise.all(pods.map((pod) => kubernetes.delete(pod)))
    await collectUntil('the pods to be deleted', async () => {
      const names = (await kubernetes.list('v1', 'Pod', pair().pod('worker').namespace)).map(
        ({ metadata }) => metadata?.name,
      )
      return !pods.some(({ metadata }) => names.includes(metadata?.name))
    })
    // The runtime removes their network shortly after the API has deleted them.
    await collectUntil(
      'their rules to be removed',
      async () => !(await onWorker('iptables-save -t nat')).includes('CNI-DN-'),
    )
    expect(await pair().residueCheck.residue()).toEqual([])
    seen.delete('added frozen cgroup')
    expect([...seen]).toEqual([])
  })
}

function podWithHostPort(name: string, hostPort: number, pair: PodPair): KubernetesObject & { spec: object } {
  const ports = [{ containerPort: 80, hostPort }]
  const container = { name: 'pause', image: podImages.pause, imagePullPolicy: 'Never', ports }
  const spec = { nodeName: pair.machine('worker').name, containers: [container], terminationGracePeriodSeconds: 0 }
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: pair.pod('worker').namespace }, spec }
}
