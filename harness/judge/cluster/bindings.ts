import { audited } from '../recording/audited.ts'
import type { RecordOf } from '../../record/records.ts'
import type { Recording } from '../recording/recording.ts'
import { machines } from '../recording/cluster-facts.ts'

/**
 * One request to bind a pod to a node, with any answer. `issuer` is the machine that sent it, if it is one of the
 * cluster.
 */
export interface Binding {
  readonly at: number
  readonly endedAt: number
  readonly issuer: string | undefined
  readonly user: string
  readonly namespace: string
  readonly pod: string
  readonly node: string
  readonly code: number
  readonly bound: boolean
  readonly record: RecordOf<'audit'>
}

export const schedulerUser = 'system:kube-scheduler'

/**
 * Every binding request of the recording, in the order of arrival. @throws InconclusiveError NOT_AUDITED where one may
 * be missing
 */
export function bindings(recording: Recording): Binding[] {
  audited(recording)
  return bindingRequests(recording)
}

/** The recorded binding requests, even when some may be missing. */
export function bindingRequests(recording: Recording): Binding[] {
  return recording
    .of('audit')
    .filter(({ verb, resource, subresource }) => verb === 'create' && resource === 'pods' && subresource === 'binding')
    .map((record) => ({
      at: record.at,
      endedAt: record.endedAt,
      issuer: issuer(recording, record),
      user: record.user,
      namespace: record.namespace,
      pod: record.name,
      node: record.detail ?? '',
      code: record.code,
      bound: isSuccess(record),
      record,
    }))
}

export function isSuccess({ code }: { code: number }): boolean {
  return code >= 200 && code < 300
}

/** The machine that sent a request, if it is one of the cluster. */
export function issuer(recording: Recording, { sourceAddress, machine }: RecordOf<'audit'>): string | undefined {
  if (sourceAddress === '127.0.0.1' || sourceAddress === '::1') return machine
  return machines(recording).find(({ address }) => address === sourceAddress)?.name
}
