import { z } from 'zod'
import { requireComplete } from '../coverage/witness.ts'
import { type Life, ObjectHistory } from './object-history.ts'
import type { Recording } from './recording.ts'

const resource = 'validatingwebhookconfigurations'

const selector = z
  .object({
    matchLabels: z.record(z.string(), z.string()).default({}),
    matchExpressions: z.array(z.unknown()).default([]),
  })
  .prefault({})

const rule = z.object({ operations: z.array(z.string()).default([]), resources: z.array(z.string()).default([]) })

const webhook = z.object({
  name: z.string(),
  failurePolicy: z.string().default('Fail'),
  timeoutSeconds: z.number().default(10),
  clientConfig: z.object({ service: z.object({ namespace: z.string(), name: z.string() }).optional() }),
  rules: z.array(rule).default([]),
  namespaceSelector: selector,
  objectSelector: selector,
  matchConditions: z.array(z.unknown()).default([]),
})

const configuration = z.object({ webhooks: z.array(webhook).default([]) })

export type Webhook = z.infer<typeof webhook>
export type WebhookConfiguration = Life<z.infer<typeof configuration>>

/** The history of all ValidatingWebhookConfigurations. @throws InconclusiveError where a watch of them is incomplete */
export function webhookConfigurations(recording: Recording): readonly WebhookConfiguration[] {
  requireComplete(recording, resource)
  const sightings = recording.of('watch').filter((record) => record.resource === resource)
  return new ObjectHistory(sightings, (object) => configuration.parse(object)).lives
}
