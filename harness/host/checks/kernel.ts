import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { release } from 'node:os'
import { gunzipSync } from 'node:zlib'
import { check, type Check } from './check.ts'

/** Sources of the kernel's features. Each text is '' where this host has none. */
export interface KernelSources {
  /** /proc/config.gz or /boot/config-<release>. */
  readonly config: string
  /** modules.builtin and modules.dep of the running release. */
  readonly modules: string
  /** Names under /sys/module, which are loaded or built in with parameters. */
  readonly loaded: readonly string[]
}

interface Feature {
  readonly module: string
  readonly option: string
  readonly why: string
}

const needed: readonly Feature[] = [
  { module: 'overlay', option: 'OVERLAY_FS', why: 'layers of images' },
  { module: 'bridge', option: 'BRIDGE', why: 'machine and pod networks' },
  { module: 'br_netfilter', option: 'BRIDGE_NETFILTER', why: 'Services between pods of one machine' },
  { module: 'veth', option: 'VETH', why: 'machine and pod networks' },
  { module: 'nf_tables', option: 'NF_TABLES', why: 'kube-proxy and partitions' },
  { module: 'vxlan', option: 'VXLAN', why: 'the pod network' },
]
const latency: readonly Feature[] = [
  { module: 'sch_netem', option: 'NET_SCH_NETEM', why: 'latency faults' },
  { module: 'nfnetlink_queue', option: 'NETFILTER_NETLINK_QUEUE', why: 'latency faults' },
]

/** Whether the kernel has a feature; undefined if unknown. */
export function hasFeature(
  sources: KernelSources,
  { module, option }: Pick<Feature, 'module' | 'option'>,
): boolean | undefined {
  if (sources.loaded.includes(module)) return true
  if (new RegExp(`/${module}\\.ko\\b`, 'm').test(sources.modules)) return true
  const setting = new RegExp(`^(?:# )?CONFIG_${option}(?:=([ym])| is not set)$`, 'm').exec(sources.config)
  // "=m" without the module on disk counts as present: the host may load it where a container can't see it.
  if (setting) return setting[1] !== undefined
  return undefined
}

/** Checks the kernel's features by its own sources. Loads and tries nothing. */
export function kernelChecks(sources: KernelSources): Check[] {
  const missing = needed.filter((feature) => hasFeature(sources, feature) === false)
  const unknown = needed.filter((feature) => hasFeature(sources, feature) === undefined)
  const names = (features: readonly Feature[]) => features.map(({ module, why }) => `${module} (${why})`).join(', ')
  const means = latency.filter((feature) => hasFeature(sources, feature) === true).map(({ module }) => module)
  return [
    check('kernel', missing.length > 0 ? false : unknown.length > 0 ? 'warn' : true, {
      found:
        missing.length > 0 ? `no ${names(missing)}` : unknown.length > 0 ? `unknown: ${names(unknown)}` : release(),
      needed: needed.map(({ module }) => module).join(', '),
      fix:
        missing.length > 0
          ? 'Use a kernel with these features. Kernels of Linux distributions have them.'
          : 'If the boot fails, load them: modprobe ' + unknown.map(({ module }) => module).join(' '),
    }),
    check('packet latency', means.length > 0 ? true : 'warn', {
      found: means.length > 0 ? means.join(', ') : 'neither netem nor NFQUEUE',
      needed: 'netem or NFQUEUE, for latency faults only',
      fix: 'Use a kernel with one of them to inject latency.',
    }),
  ]
}

/** Reads the sources on this host. */
export function kernelSources(): KernelSources {
  const folder = `/lib/modules/${release()}`
  return {
    config: compressed('/proc/config.gz') || text(`/boot/config-${release()}`),
    modules: text(`${folder}/modules.builtin`) + text(`${folder}/modules.dep`),
    loaded: existsSync('/sys/module') ? readdirSync('/sys/module') : [],
  }
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function compressed(file: string): string {
  try {
    return gunzipSync(readFileSync(file)).toString('utf8')
  } catch {
    return ''
  }
}
