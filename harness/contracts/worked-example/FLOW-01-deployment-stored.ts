import { audited } from '../../judge/recording/audited.ts'
import { type Finding, defineContract } from '../../judge/contract.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { gravest } from '../../judge/verdict/gravest.ts'
import type { Recording } from '../../judge/recording/recording.ts'
import { duration } from '../../judge/verdict/format.ts'
import type { RecordOf } from '../../record/records.ts'
import { apiCall } from '../bounds.ts'
import { type Chain, chainsOf } from './chains.ts'
import { type Expected, isJudgeable, tookMs } from './expected.ts'

interface Stored {
  readonly deployment: string
  readonly user: string
  readonly afterMs: number
}

const found = findings({
  STORED_NOT_FOUND: ({ deployment, user, afterMs }: Stored) =>
    `${user} got 404 for Deployment ${deployment} ${duration(afterMs)} after it was stored.`,
  NEVER_REPORTED: ({ deployment, afterMs }: { readonly deployment: string; readonly afterMs: number }) =>
    `No watch reported Deployment ${deployment} within ${duration(afterMs)} of the request that created it.`,
  STORED_IN_TIME: ({ deployment, user, afterMs }: Stored) =>
    `${user} created Deployment ${deployment}, and the watches reported it ${duration(afterMs)} after the request.`,
  STORED_LATE: ({ deployment, afterMs }: Stored) =>
    `The watches reported Deployment ${deployment} ${duration(afterMs)} after the request.`,
})

export const deploymentStored = defineContract<Chain>({
  id: 'FLOW-01',
  area: 'worked-example',
  promise: 'A Deployment that a user creates is stored, and from then on every client can read it.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/',
  stimulus: {
    needs: 'a Deployment that a user created without a fault at that time',
    find: (recording) => chainsOf(recording).filter((chain) => isJudgeable(recording, chain, stored(chain))),
  },
  judge: (recording, chains) => gravest(chains, (chain) => onChain(recording, chain)),
})

function stored({ request, deployment }: Chain): Expected {
  const at = deployment && Math.max(request.endedAt, deployment.bornAt)
  return { from: request.at, at, limit: apiCall.limit }
}

function onChain(recording: Recording, chain: Chain): Finding {
  const { namespace, name, request } = chain
  const deployment = `${namespace}/${name}`
  const denied = denial(recording, chain)
  if (denied) {
    return found.fail(
      'STORED_NOT_FOUND',
      { deployment, user: denied.user, afterMs: denied.at - request.endedAt },
      {
        observed: 'stored and not found',
        moments: [{ at: denied.at, label: 'Deployment not found' }],
        evidence: [request, denied],
      },
    )
  }
  const afterMs = tookMs(chain, stored(chain), 'a watch had to report it')
  if (afterMs === undefined) {
    const waited = chain.endsAt - request.at
    return found.fail(
      'NEVER_REPORTED',
      { deployment, afterMs: waited },
      { observed: 'stored and not reported', bound: apiCall, evidence: [request] },
    )
  }
  return found.timed(
    { pass: 'STORED_IN_TIME', late: 'STORED_LATE' },
    { deployment, user: request.user, afterMs },
    afterMs,
    apiCall,
    {
      observed: `stored and reported after ${duration(afterMs)}`,
      moments: [{ at: request.at, label: `Deployment ${name} requested` }],
      evidence: [request],
    },
  )
}

/** A client that received 404 for the Deployment after it was stored and before it was deleted. */
function denial(recording: Recording, { namespace, name, request, deployment }: Chain): RecordOf<'audit'> | undefined {
  const own = audited(recording).filter((one) => one.namespace === namespace && one.at > request.endedAt)
  const gone = own.find(({ verb, resource }) => verb.startsWith('delete') && resource === 'deployments')
  const ending = deployment?.versions.find(({ deleted, object }) => deleted || object.metadata.deletionTimestamp)
  const until = Math.min(gone?.at ?? Infinity, ending?.at ?? Infinity)
  return own.find(
    (one) =>
      one.verb === 'get' &&
      one.resource === 'deployments' &&
      one.name === name &&
      one.code === 404 &&
      one.endedAt < until,
  )
}
