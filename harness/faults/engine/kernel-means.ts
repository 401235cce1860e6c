import { type KernelSources, hasFeature, kernelSources } from '../../host/checks/kernel.ts'

/** Optional kernel features that faults need: module and build option. */
const means = {
  nf_tables: { module: 'nf_tables', option: 'NF_TABLES' },
  netem: { module: 'sch_netem', option: 'NET_SCH_NETEM' },
  NFQUEUE: { module: 'xt_NFQUEUE', option: 'NETFILTER_XT_TARGET_NFQUEUE' },
  'connection tracking by netlink': { module: 'nf_conntrack_netlink', option: 'NF_CT_NETLINK' },
  'loop devices': { module: 'loop', option: 'BLK_DEV_LOOP' },
} as const

/**
 * Why this host's kernel has none of these features, or undefined. A kernel without information counts as having them: the
 * fault itself tries the feature before any change.
 */
export function kernelLacks(
  anyOf: readonly (keyof typeof means)[],
  sources: KernelSources = kernelSources(),
): string | undefined {
  const without = anyOf.filter((name) => hasFeature(sources, means[name]) === false)
  if (without.length < anyOf.length) return undefined
  return anyOf.length > 1 ? `its kernel has neither ${anyOf.join(' nor ')}` : `its kernel has no ${anyOf.join()}`
}
