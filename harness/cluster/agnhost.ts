import { podImages } from '../images/versions.ts'

/** The ports on which the test workload answers with its own name, over HTTP and over UDP. */
export const agnhostPorts = { tcp: 8080, udp: 8081 } as const

/** Returns a pod specification of the test workload. `slowStopSeconds` keeps it serving that long after SIGTERM. */
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
          // No process listens on this port: such a pod runs and answers, and never becomes Ready.
          ...(neverReady ? { tcpSocket: { port: 9 } } : { httpGet: { path: '/hostname', port: agnhostPorts.tcp } }),
          periodSeconds: 1,
        },
      },
    ],
  }
}

/** Returns a pod specification that runs a shell script once. */
export function scriptPod(script: string): Record<string, unknown> {
  const image = { image: podImages.agnhost, imagePullPolicy: 'IfNotPresent' }
  return {
    automountServiceAccountToken: false,
    enableServiceLinks: false,
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: 1,
    containers: [{ name: 'script', ...image, command: ['/bin/sh', '-c', script] }],
  }
}

/** The ports of a Service in front of it: TCP on 80, UDP on 81. */
export const servicePorts = { tcp: 80, udp: 81 } as const

export const agnhostServicePorts = [
  { name: 'tcp', protocol: 'TCP', port: servicePorts.tcp, targetPort: agnhostPorts.tcp },
  { name: 'udp', protocol: 'UDP', port: servicePorts.udp, targetPort: agnhostPorts.udp },
]
