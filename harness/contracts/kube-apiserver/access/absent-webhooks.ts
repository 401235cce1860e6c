import { isSuccess } from '../../../judge/cluster/bindings.ts'
import { serviceLabel } from '../../../judge/cluster/service-endpoints.ts'
import { machines, named } from '../../../judge/recording/cluster-facts.ts'
import { objects } from '../../../judge/recording/kubernetes-objects.ts'
import type { Recording } from '../../../judge/recording/recording.ts'
import {
  type Webhook,
  type WebhookConfiguration,
  webhookConfigurations,
} from '../../../judge/recording/webhook-configurations.ts'
import type { RecordOf } from '../../../record/records.ts'
import { watchDelayMs } from '../../bounds.ts'

type Request = RecordOf<'audit'>

/** A write that a webhook without a backend had to validate, on an API server that applied the webhook. */
export interface ValidatedWrite {
  readonly webhook: string
  readonly timeoutMs: number
  readonly request: Request
  /** Writes through the same server meanwhile that the webhook does not match. */
  readonly others: readonly Request[]
}

/** The writes whose webhook has no backend. Only webhooks whose matching the audit logs show completely. */
export function validatedWrites(recording: Recording): ValidatedWrite[] {
  const writes = recording.of('audit').filter(({ verb, code }) => operationOf(verb) !== undefined && code > 0)
  return webhookConfigurations(recording).flatMap((configuration) =>
    (configuration.versions[0]?.object.webhooks ?? []).flatMap((webhook) => {
      const namespace = namespaceOf(webhook)
      if (namespace === undefined || configuration.versions.filter(({ deleted }) => !deleted).length > 1) return []
      return named(recording, 'control-plane').flatMap((machine) => {
        const own = writes.filter((one) => one.machine === machine && isAway(recording, webhook, one.at))
        const matching = own.filter((one) => one.namespace === namespace && matches(webhook, one))
        const from = appliedFrom(recording, configuration, machine, matching)
        const until = deletedAt(recording, configuration)
        const inForce = (one: Request): boolean => from <= one.at && one.at < until
        const others = own.filter((one) => inForce(one) && !matching.includes(one))
        const timeoutMs = webhook.timeoutSeconds * 1000
        return matching.filter(inForce).map((request) => ({ webhook: webhook.name, timeoutMs, request, others }))
      })
    }),
  )
}

const operations: Readonly<Record<string, string>> = {
  create: 'CREATE',
  update: 'UPDATE',
  patch: 'UPDATE',
  delete: 'DELETE',
}
const operationOf = (verb: string): string | undefined => operations[verb]

function matches({ rules }: Webhook, { verb, resource, subresource }: Request): boolean {
  const operation = operationOf(verb) ?? ''
  return (
    subresource === '' && rules.some((rule) => rule.operations.includes(operation) && rule.resources.includes(resource))
  )
}

/** The one namespace that a webhook selects; undefined where labels that no record has decide. */
function namespaceOf({
  failurePolicy,
  clientConfig,
  namespaceSelector,
  objectSelector,
  matchConditions,
}: Webhook): string | undefined {
  const { matchLabels, matchExpressions } = namespaceSelector
  const [[label, namespace] = [], ...more] = Object.entries(matchLabels)
  const selectsObjects = Object.keys(objectSelector.matchLabels).length + objectSelector.matchExpressions.length > 0
  const isOther = more.length + matchExpressions.length + matchConditions.length > 0 || selectsObjects
  const isClear = failurePolicy === 'Fail' && clientConfig.service !== undefined && !isOther
  return isClear && label === 'kubernetes.io/metadata.name' ? namespace : undefined
}

/** An API server applies a configuration soon after its watch reports it, and at the latest when it first refuses a write. */
function appliedFrom(
  recording: Recording,
  { uid }: WebhookConfiguration,
  machine: string,
  matching: readonly Request[],
): number {
  const reported = recording.of('watch').find((one) => one.uid === uid && one.source === machine)
  if (!reported) return Infinity
  const refused = matching.find((one) => one.endedAt >= reported.at && one.code >= 500)
  return Math.min(reported.at + watchDelayMs, refused?.endedAt ?? Infinity)
}

function deletedAt(recording: Recording, { name, deletedAt: reportedAt }: WebhookConfiguration): number {
  const request = recording
    .of('audit')
    .find(
      (one) =>
        one.resource === 'validatingwebhookconfigurations' &&
        one.verb === 'delete' &&
        one.name === name &&
        isSuccess(one),
    )
  return Math.min(request?.at ?? Infinity, reportedAt)
}

/** No ready endpoint of the webhook's Service is a pod or a machine, from a second before. */
function isAway(recording: Recording, { clientConfig }: Webhook, at: number): boolean {
  const { namespace = '', name = '' } = clientConfig.service ?? {}
  return [at - watchDelayMs, at].every((time) => {
    const addresses = objects(recording, 'endpointslices')
      .in(namespace)
      .map((slice) => slice.at(time))
      .filter((slice) => slice?.metadata.labels[serviceLabel] === name)
      .flatMap((slice) => slice?.endpoints.filter(({ conditions }) => conditions.ready !== false) ?? [])
      .flatMap((endpoint) => endpoint.addresses)
    return !addresses.some((address) => isHeld(recording, address))
  })
}

function isHeld(recording: Recording, address: string): boolean {
  if (machines(recording).some((machine) => machine.address === address)) return true
  return objects(recording, 'pods').lives.some(({ versions }) =>
    versions.some(
      ({ object }) => object.status.podIP === address || object.status.podIPs.some(({ ip }) => ip === address),
    ),
  )
}
