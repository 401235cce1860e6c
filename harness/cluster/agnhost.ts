import { podImages } from '../images/versions.ts'

/** The ports on which the test workload tells its own name, over HTTP and over UDP. */
export const agnhostPorts = { tcp: 8080, udp: 8081 } as const

/** A pod specification of the test workload. `slowStopSeconds` keeps it serving that long after it was told to stop. */
export function agnhostPod(
  options: { readonly slowStopSeconds?: number; readonly graceSeconds?: number; readonly neverReady?: boolean } = {},
): Record<string, unknown> {
  const { slowStopSeconds = 0, graceSeconds = 1, neverReady = false } = options
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    terminationGracePeriodSeconds: graceSeconds,
    containers: [
      {
        name: 'agnhost',
        image: podImages.agnhost,
        imagePullPolicy: 'IfNotPresent',
        args: [
          'netexec',
          `--http-port=${agnhostPorts.tcp}`,
          `--udp-port=${agnhostPorts.udp}`,
          ...(slowStopSeconds > 0 ? [`--delay-shutdown=${slowStopSeconds}`] : []),
        ],
        readinessProbe: {
          // Nobody listens on the port of nothing: such a pod runs, answers, and is never called ready.
          ...(neverReady ? { tcpSocket: { port: 9 } } : { httpGet: { path: '/hostname', port: agnhostPorts.tcp } }),
          periodSeconds: 1,
        },
      },
    ],
  }
}

/** A Service in front of it: TCP on 80, UDP on 81. */
export const servicePorts = { tcp: 80, udp: 81 } as const

export const agnhostServicePorts = [
  { name: 'tcp', protocol: 'TCP', port: servicePorts.tcp, targetPort: agnhostPorts.tcp },
  { name: 'udp', protocol: 'UDP', port: servicePorts.udp, targetPort: agnhostPorts.udp },
]
