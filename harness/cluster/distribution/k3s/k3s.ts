import { k3s as pinned } from '../../../images/third-party/foreign.ts'
import type { ForeignImage } from '../../../images/third-party/foreign-image.ts'
import { versions } from '../../../images/versions.ts'
import { kubeconfig } from '../../api/kubeconfig.ts'
import { isNode } from '../../machine/machine-spec.ts'
import type { Distribution } from '../distribution.ts'
import { createIdentities } from '../upstream/identities.ts'
import { machineFiles } from '../upstream/machine-files.ts'
import { startGates } from './start-gates.ts'
import { k3sMachineFiles, sidecarFiles } from './machine-files.ts'
import { nodePassword, nodePasswordSecret } from './node-passwords.ts'
import { sharedSecrets } from './shared-secrets.ts'
import { agentTokenSecret, createTokens } from './tokens.ts'
import { type Separation, componentsOf, embeddedIn } from './embedded.ts'

interface K3sImages extends Separation {
  /** The official image, for the journal. */
  readonly official: ForeignImage
  /** The image of k3s machines: the official one with Holdfast's files beside it. */
  readonly k3sMachine: string
  /** Holdfast's image, for etcd and for the agents. */
  readonly machine: string
}

/** k3s on an external etcd: servers that are Nodes too, each in one process, and agents. */
export function k3s({ official, k3sMachine, machine: holdfast, standalone, inside }: K3sImages): Distribution {
  return {
    name: 'k3s',
    image: official.digest ? `${official.reference}@${official.digest}` : `${official.reference} (${official.id})`,
    versions: { k3s: pinned.version, kubernetes: pinned.kubernetes, etcd: versions.etcd },
    componentsOf: (role) => componentsOf(role, standalone),
    embedded: (role) => embeddedIn(role, { standalone, inside }),
    prepare: async (machines, options) => {
      const identities = await createIdentities(machines)
      const tokens = createTokens()
      const passwords = machines.filter(isNode).map(({ name }) => nodePassword(name))
      const input = { machines, identities, options, standalone, tokens, passwords }
      return {
        machine: (machine) =>
          machine.role === 'etcd'
            ? {
                image: holdfast,
                files: machineFiles(machine, machines, identities, options),
                volumes: ['/var/lib/etcd'],
              }
            : {
                image: k3sMachine,
                files: k3sMachineFiles(machine, input),
                // The volumes that the image itself declares, including all of k3s's own data.
                volumes: ['/var/lib/kubelet', '/var/lib/rancher/k3s', '/var/lib/cni', '/var/log'],
                sidecar: { image: holdfast, files: sidecarFiles(machine, identities) },
              },
        kubeconfig: (server) => kubeconfig(server, identities.clusterAuthority, identities.admin),
        objects: [agentTokenSecret(tokens), ...passwords.map(nodePasswordSecret)],
        startGates: startGates(machines, identities, sharedSecrets(tokens.server, identities)),
        // A server that is not ready closes the connection with its answer: each check costs both ends a TLS handshake.
        pollIntervalMs: 200,
      }
    },
  }
}
