import { audited } from '../../judge/audited.ts'
import { isSuccess } from '../../judge/bindings.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { hasCondition } from '../../judge/kubernetes-objects.ts'
import { namespaceOf } from '../../judge/scene.ts'
import { InconclusiveError, requireEvidence } from '../../judge/inconclusive.ts'
import { duration } from '../../judge/words.ts'
import { podStart } from '../bounds.ts'
import { examplePods } from './trace.ts'

/** FLOW-04 */
export const runByKubelet: Contract = {
  id: 'FLOW-04',
  area: 'worked-example',
  promise: 'The kubelet of the Node that a pod was bound to, and no other, runs its containers and reports it Ready.',
  reference: 'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/',
  scenarios: ['worked-example'],
  judge(recording) {
    const namespace = namespaceOf(recording)
    const pods = examplePods(recording)
    const censuses = recording.of('containers')
    const table = requireEvidence(
      recording
        .of('command')
        .find(({ argv }) => argv.includes('kubectl') && argv.includes('pods') && argv.includes('wide')),
      'No kubectl get pods -o wide was recorded.',
    )
    let slowest = 0
    for (const life of pods) {
      const node = requireEvidence(
        life.first(({ spec }) => spec.nodeName !== undefined),
        `${life.name} got no Node.`,
      ).object.spec.nodeName
      const hosts = new Set(
        censuses.flatMap(({ machine, containers }) =>
          containers.some((one) => one.namespace === namespace && one.pod === life.name) ? [machine] : [],
        ),
      )
      const wrong = [...hosts].find((machine) => machine !== node)
      if (wrong !== undefined) {
        return failed(`Containers of ${life.name} run on ${wrong}, and it was bound to ${node}.`, {
          observed: 'a container on a wrong Node',
        })
      }
      if (hosts.size === 0) throw new InconclusiveError(`No container of ${life.name} was seen in any runtime.`)
      const reports = audited(recording)
        .filter((one) => one.resource === 'pods' && one.subresource === 'status' && one.verb === 'patch')
        .filter((one) => one.namespace === namespace && one.name === life.name && isSuccess(one))
      if (!reports.some(({ user }) => user === `system:node:${node}`)) {
        return failed(`The kubelet of ${node} never reported on ${life.name}.`, {
          observed: 'no status of the kubelet',
        })
      }
      const stranger = reports.find(({ user }) => user.startsWith('system:node:') && user !== `system:node:${node}`)
      if (stranger)
        return failed(`${stranger.user} reported on ${life.name}, which is on ${node}.`, { observed: stranger.user })
      const ready = life.first((pod) => hasCondition(pod, 'Ready', 'True'))
      if (!ready)
        return failed(`${life.name} was never Ready.`, { observed: 'a pod that is not Ready', bound: podStart })
      slowest = Math.max(slowest, ready.at - life.bornAt)
      const line = table.stdout.split('\n').find((text) => text.includes(life.name)) ?? ''
      if (!line.includes('Running') || !line.split(/\s+/).includes(node ?? '')) {
        return failed(`kubectl does not show ${life.name} as running on ${node}: "${line.trim()}".`, {
          observed: 'kubectl disagrees',
        })
      }
    }
    return timed(slowest, podStart, {
      observed: `${pods.length} pods Ready, the slowest ${duration(slowest)} after it was created`,
      pass: 'The runtimes hold the containers only on the Nodes the pods were bound to, their kubelets reported them, and kubectl shows the same.',
      late: `The slowest pod was Ready ${duration(slowest)} after it was created.`,
    })
  },
}
