import type { JournalRecord, RecordOf } from '../../record/records.ts'
import { all, type JournalMutation, last, withAllChanged, withChanged } from './mutation.ts'

/* Changes to a recording in which API servers end and return. */

type Watch = RecordOf<'watch'>

const isKubernetes = ({ resource, namespace, name }: Watch): boolean =>
  resource === 'endpointslices' && namespace === 'default' && name === 'kubernetes'

/** The EndpointSlice of kubernetes listed every API server all the time. */
export const keptAddresses: JournalMutation = (records) => {
  const addresses = all(records, 'cluster').flatMap(({ machines }) =>
    machines.flatMap(({ roles, address }) => (roles.includes('control-plane') ? [address] : [])),
  )
  const endpoints = [{ addresses, conditions: { ready: true } }]
  return withAllChanged(records, 'watch', isKubernetes, (one) => ({ ...one, object: { ...one.object, endpoints } }))
}

/** A kubelet was granted the change of another Node. */
export const grantedForeignChange: JournalMutation = (records) => {
  const refused = last(records, 'audit', ({ user, resource, code }) => {
    return user.startsWith('system:node:') && resource === 'nodes' && code === 403
  })
  return withChanged(records, refused, { code: 200 })
}

/** A lease had expired a second before its lifetime had passed. */
export const earlyExpiry: JournalMutation = (records): JournalRecord[] => {
  const granted = last(records, 'leased', ({ state }) => state === 'granted')
  const expired = last(records, 'leased', ({ state, lease }) => state === 'expired' && lease === granted.lease)
  const at = granted.at + granted.ttlMs - 1_000
  return withChanged(records, expired, { at, endedAt: at + 1 })
}

/** A kubelet had a connection to etcd. */
export const kubeletOnEtcd: JournalMutation = (records) => {
  const server =
    all(records, 'cluster')
      .at(-1)
      ?.machines.find(({ roles }) => roles.includes('etcd'))?.address ?? ''
  const reading = last(records, 'sockets', ({ connections }) => connections.length === 0)
  const connection = { end: 'client' as const, process: 'kubelet', client: '10.0.0.1', server, ports: [50_000] }
  return withChanged(records, reading, { connections: [connection] })
}

/** No API server logged the deletion of the last deleted Service. */
export const deletionWithoutRequest: JournalMutation = (records) => {
  const { namespace, name } = last(records, 'audit', ({ verb, resource, name }) => {
    return verb === 'delete' && resource === 'services' && name !== ''
  })
  return records.filter(
    (one) =>
      !(
        one.kind === 'audit' &&
        one.verb === 'delete' &&
        one.resource === 'services' &&
        one.namespace === namespace &&
        one.name === name
      ),
  )
}

/** An API server granted a write although the webhook that had to validate it could not be reached. */
export const unvalidatedWrite: JournalMutation = (records) => {
  const refused = last(records, 'audit', ({ resource, verb, code }) => {
    return resource === 'serviceaccounts' && verb === 'create' && code === 500
  })
  return withChanged(records, refused, { code: 201 })
}
