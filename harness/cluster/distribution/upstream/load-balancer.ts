import type { MachineSpec } from '../../machine/machine-spec.ts'
import type { MachineFile } from '../files.ts'
import { serviceFiles } from './service.ts'

/**
 * HAProxy on each Node's loopback, passing TLS through to any API server that reports ready, so that either may fail. It
 * cuts connections to a failed one at once: a watch must not wait on a server that is gone.
 */
export function loadBalancerFiles(apiServers: readonly MachineSpec[]): MachineFile[] {
  const servers = apiServers.map(
    ({ name, address }) =>
      `  server ${name} ${address}:6443 check check-ssl verify none on-marked-down shutdown-sessions`,
  )
  return [
    ...serviceFiles({ name: 'apiserver-lb', command: 'haproxy -db -f /etc/haproxy/holdfast.cfg' }),
    {
      path: '/etc/haproxy/holdfast.cfg',
      content: `global
  maxconn 2000
defaults
  mode tcp
  timeout connect 1s
  timeout client 1h
  timeout server 1h
  timeout check 2s
  option redispatch
  retries 2
listen api-servers
  bind 127.0.0.1:7443
  balance leastconn
  option httpchk GET /readyz
  http-check expect status 200
  default-server inter 2s fastinter 250ms downinter 250ms rise 1 fall 2
${servers.join('\n')}
`,
    },
  ]
}
