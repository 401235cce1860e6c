import { readFile } from 'node:fs/promises'
import { imageSourceChecks } from './build-tools.ts'
import type { Check } from './check.ts'
import { engineChecks } from './engine-checks.ts'
import { ask, describeEngine, findEngine } from './engine.mjs'
import { inotifyCheck, inotifyHere } from './inotify.ts'
import { kernelChecks, kernelSources } from './kernel.ts'
import { resourceChecks } from './resources.ts'
import { enginePid, needsRuntime } from './runtime.mjs'
import { parseRoutes, subnetCheck } from './subnets.ts'

/**
 * All needs of this machine, looked at without changing anything. `imagePresent` spares the question where images could come
 * from, which is the only slow one. Never throws: what can't be seen is an unmet need or a warning.
 */
export async function hostChecks({ imagePresent }: { imagePresent: boolean }): Promise<Check[]> {
  const endpoint = await findEngine()
  const [engine, info, networks] = endpoint
    ? await Promise.all([
        describeEngine(endpoint.host).catch(() => undefined),
        ask(endpoint.host, '/info').catch(() => undefined),
        ask(endpoint.host, '/networks').catch(() => []),
      ])
    : [undefined, undefined, []]
  const pid = endpoint?.host.startsWith('unix:') ? enginePid() : undefined
  const here = process.platform === 'linux' && (pid !== undefined || endpoint === undefined)
  const routes = here ? parseRoutes(await readFile('/proc/net/route', 'utf8').catch(() => '')) : []
  const inotify = here ? inotifyHere() : undefined
  const sources = imagePresent ? [] : imageSourceChecks()
  return [
    ...(await resourceChecks({ memory: info?.MemTotal, cores: info?.NCPU, root: info?.DockerRootDir })),
    ...engineChecks({ endpoint, engine, withheld: pid === undefined ? undefined : needsRuntime(pid) }),
    ...(here ? kernelChecks(kernelSources()) : []),
    ...(inotify ? [inotifyCheck(inotify)] : []),
    subnetCheck(routes, subnetsOf(networks)),
    ...(await sources),
  ]
}

/** The CIDRs in Docker's answer to /networks. */
function subnetsOf(networks: unknown): string[] {
  const list = networks as { IPAM?: { Config?: { Subnet?: string }[] | null } }[]
  return list.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [Subnet] : [])))
}
