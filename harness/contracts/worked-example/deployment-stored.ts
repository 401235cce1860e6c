import { audited } from '../../judge/audited.ts'
import type { AnyContract as Contract } from '../../judge/bridge.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { namespaceOf } from '../../judge/scene.ts'
import { duration } from '../../judge/words.ts'
import { apiCall } from '../bounds.ts'
import { creationOf, example, exampleDeployment } from './trace.ts'

/** FLOW-01 */
export const deploymentStored: Contract = {
  id: 'FLOW-01',
  area: 'worked-example',
  promise: 'A user asks the API server for a Deployment; it is stored, and from then on everybody sees it.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/',
  scenarios: ['worked-example'],
  judge(recording) {
    const deployment = exampleDeployment(recording)
    const created = creationOf(recording, 'deployments', example)
    if (created.user.startsWith('system:')) {
      return failed(`The Deployment was created by ${created.user}, which is no user.`, { observed: created.user })
    }
    const denied = audited(recording).find(
      ({ verb, resource, namespace, name, at, code }) =>
        verb === 'get' &&
        resource === 'deployments' &&
        namespace === namespaceOf(recording) &&
        name === example &&
        at > created.endedAt &&
        code === 404,
    )
    if (denied) {
      return failed(
        `${denied.user} was told that there is no Deployment ${example} ${duration(denied.at - created.endedAt)} after it was stored.`,
        {
          observed: 'stored and not found',
          moments: [{ at: denied.at, label: 'Deployment not found' }],
        },
      )
    }
    const ms = Math.max(created.endedAt, deployment.bornAt) - created.at
    return timed(ms, apiCall, {
      observed: `stored and seen ${duration(ms)} after it was asked for`,
      pass: `${created.user} got ${created.code} from ${created.machine}, and the watches told of the Deployment in time.`,
      late: `The Deployment was seen only ${duration(ms)} after it was asked for.`,
      moments: [{ at: created.at, label: 'Deployment asked for' }],
    })
  },
}
