/**
 * Third-party images, which are never built here. Pinned by tags that their projects don't move; each run records the digest from the
 * engine.
 */
export const k3s = {
  version: 'v1.36.3+k3s1',
  kubernetes: 'v1.36.3',
  image: 'rancher/k3s:v1.36.3-k3s1',
  /**
   * Components that run standalone beside k3s. Those of the machine image are newer than the API server of k3s, which is not supported:
   * https://kubernetes.io/releases/version-skew-policy/
   */
  standalone: {
    'kube-scheduler': 'registry.k8s.io/kube-scheduler:v1.36.3',
    'kube-controller-manager': 'registry.k8s.io/kube-controller-manager:v1.36.3',
    'kube-proxy': 'registry.k8s.io/kube-proxy:v1.36.3',
  },
} as const

/** Repository of the images of k3s machines: the official image with Holdfast's supervisor and pod images. */
export const k3sMachineRepository = 'holdfast/k3s'

/** `HOLDFAST_K3S_IMAGE`: another image of the same version, for example in a private registry, or by its digest. */
export function k3sImage(env: NodeJS.ProcessEnv = process.env): string {
  return env['HOLDFAST_K3S_IMAGE'] || k3s.image
}

/** Third-party images that `images import` accepts. */
export function foreignReferences(env: NodeJS.ProcessEnv = process.env): readonly string[] {
  return [...new Set([k3sImage(env), k3s.image, ...Object.values(k3s.standalone)])]
}
