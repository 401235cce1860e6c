import { versions } from '../../../images/versions.ts'
import type { Component } from '../../components.ts'
import { kubeconfig } from '../../api/kubeconfig.ts'
import type { Role } from '../../topology.ts'
import type { Distribution } from '../distribution.ts'
import { createIdentities } from './identities.ts'
import { machineFiles } from './machine-files.ts'

const node = ['containerd', 'kubelet', 'kube-proxy', 'flanneld', 'apiserver-lb'] as const

const components: Readonly<Record<Role, readonly Component[]>> = {
  etcd: ['etcd'],
  'control-plane': ['kube-apiserver', 'kube-scheduler', 'kube-controller-manager', ...node],
  worker: node,
}

/** Kubernetes as its project releases it, from Holdfast's machine image: every component is its own process. */
export function upstream(image: string): Distribution {
  return {
    name: 'upstream',
    image,
    versions,
    componentsOf: (role) => components[role],
    embedded: () => ({}),
    prepare: async (machines, options) => {
      const identities = await createIdentities(machines)
      return {
        machine: (machine) => ({
          image,
          files: machineFiles(machine, machines, identities, options),
          volumes: machine.role === 'etcd' ? ['/var/lib/etcd'] : ['/var/lib/containerd', '/var/lib/kubelet'],
        }),
        kubeconfig: (server) => kubeconfig(server, identities.clusterAuthority, identities.admin),
      }
    },
  }
}
