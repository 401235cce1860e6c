import { podImages } from '../images/versions.ts'

/** Amounts by resource, such as `{ cpu: '500m' }`. */
export type Requests = Readonly<Record<string, string>>

/** Returns a pod specification that only holds its place: its process waits for signals. */
export function idlePod(requests: Requests = {}): Record<string, unknown> {
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'idle', image: podImages.pause, imagePullPolicy: 'IfNotPresent', resources: { requests } }],
  }
}
