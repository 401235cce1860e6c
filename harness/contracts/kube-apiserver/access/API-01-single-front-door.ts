import { defineContract, type Finding } from '../../../judge/contract.ts'
import { audited } from '../../../judge/recording/audited.ts'
import { span } from '../../../judge/recording/cluster-facts.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import { during } from '../../../judge/faults/fault-windows.ts'
import { findings } from '../../../judge/verdict/finding.ts'
import { counted } from '../../../judge/verdict/format.ts'
import { firstBreach } from '../../../judge/verdict/gravest.ts'
import { InconclusiveError, requireNonEmpty } from '../../../judge/verdict/inconclusive.ts'
import type { RecordOf } from '../../../record/records.ts'
import { noException } from '../../bounds.ts'
import { censuses, foreignClients } from './etcd-clients.ts'
import { storedChanges, unauditedChanges } from './unaudited-changes.ts'

const found = findings({
  FOREIGN_CLIENT: ({ client, process, server }: { client: string; process: string; server: string }) =>
    process === ''
      ? `A connection from ${client} to etcd on ${server} belongs to no process of a machine.`
      : `${process} on ${client} has a connection to etcd on ${server}.`,
  CHANGE_NOT_AUDITED: ({ object, revision, changes }: { object: string; revision: number; changes: number }) =>
    `etcd stored revision ${revision} of ${object}, and the audit logs have no request for it (${counted(changes, 'such change')}).`,
  ONLY_API_SERVERS: ({ censuses: count, changes }: { censuses: number; changes: number }) =>
    `Only API servers, members and Holdfast had connections to etcd in ${counted(count, 'reading')}, and each of ${counted(changes, 'stored change')} has its request in an audit log.`,
})

/** API-01. The changes are those of kinds whose changes the audit policy logs completely. */
export const singleFrontDoor = defineContract<RecordOf<'sockets'>>({
  id: 'API-01',
  area: 'kube-apiserver',
  promise:
    'The API servers are the only way to the cluster state: no other component connects to etcd, and each change of an object is a request to an API server.',
  reference: 'https://kubernetes.io/docs/concepts/architecture/control-plane-node-communication/',
  stimulus: { needs: 'a reading of the clients of an etcd member', find: censuses },
  judge(recording, readings) {
    const changes = storedChanges(recording)
    const broken = firstBreach(
      () => foreignClient(recording),
      () => notAudited(recording),
    )
    if (broken) return broken
    requireReadings(recording)
    requireNonEmpty(changes, 'No change that etcd stored was recorded.', 'NOT_STORED')
    const values = { censuses: readings.length, changes: changes.length }
    const observed = `${counted(changes.length, 'change')}, each by a request`
    return found.pass('ONLY_API_SERVERS', values, {
      observed,
      measured: 0,
      bound: noException,
      evidence: readings.slice(0, 3),
    })
  },
})

function foreignClient(recording: Recording): Finding | undefined {
  const [first] = foreignClients(recording)
  if (!first) return undefined
  const { client, process, server, records } = first
  const details = { observed: 'a foreign client of etcd', bound: noException, evidence: records }
  return found.fail('FOREIGN_CLIENT', { client, process, server }, details)
}

/** @throws InconclusiveError NOT_AUDITED */
function notAudited(recording: Recording): Finding | undefined {
  const unaudited = unauditedChanges(recording, storedChanges(recording))
  const [first] = unaudited
  audited(recording)
  if (!first) return undefined
  const { object, revision, record } = first
  const values = { object, revision, changes: unaudited.length }
  return found.fail('CHANGE_NOT_AUDITED', values, {
    observed: 'a change without a request',
    bound: noException,
    evidence: [record],
  })
}

/** A machine whose connections could not be read may be a client. @throws InconclusiveError NOT_COUNTED */
function requireReadings(recording: Recording): void {
  const time = span(recording)
  const lost = recording.of('gap').find(({ resource, at }) => resource === 'sockets' && during(time, at))
  if (!lost) return
  throw new InconclusiveError(`The connections of ${lost.source} could not be read: ${lost.reason}.`, 'NOT_COUNTED', {
    machine: lost.source,
  })
}
