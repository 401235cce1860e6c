/**
 * Images that others make and that are never built here. Pinned by tags which their projects don't move; the digest of what ran is
 * read from the engine and recorded with each run.
 */
export const k3s = {
  version: 'v1.36.3+k3s1',
  kubernetes: 'v1.36.3',
  image: 'rancher/k3s:v1.36.3-k3s1',
  /**
   * What runs beside k3s as processes of their own. The same version: none of them may be newer than the API server that it talks to (https://kubernetes.io/releases/version-skew-policy/), so those of the machine image won't do.
   */
  apart: {
    'kube-scheduler': 'registry.k8s.io/kube-scheduler:v1.36.3',
    'kube-controller-manager': 'registry.k8s.io/kube-controller-manager:v1.36.3',
    'kube-proxy': 'registry.k8s.io/kube-proxy:v1.36.3',
  },
} as const

/** The repository of the images that k3s machines are started from: the official one and what our supervisor and pods need. */
export const k3sMachineRepository = 'holdfast/k3s'

/** `HOLDFAST_K3S_IMAGE`: another image of the same version, such as one in a registry of one's own, or named by its digest. */
export function k3sImage(env: NodeJS.ProcessEnv = process.env): string {
  return env['HOLDFAST_K3S_IMAGE'] || k3s.image
}

/** Everything of others that the harness would take from an archive. */
export function foreignReferences(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  return [...new Set([k3sImage(env), k3s.image, ...Object.values(k3s.apart)])]
}
