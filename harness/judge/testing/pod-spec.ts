/** The API server adds these to each pod that has none of its own. */
const defaultTolerations = ['not-ready', 'unreachable'].map((name) => ({
  key: `node.kubernetes.io/${name}`,
  operator: 'Exists',
  effect: 'NoExecute',
  tolerationSeconds: 300,
}))

/** The specification of a pod; undefined: it is not placed. */
export function podSpec(node: string | undefined): object {
  return { ...(node ? { nodeName: node } : {}), tolerations: defaultTolerations }
}
