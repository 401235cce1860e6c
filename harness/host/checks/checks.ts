import { readFile } from 'node:fs/promises'
import { imageSourceChecks } from './build-tools.ts'
import type { Check } from './check.ts'
import { type EngineFacts, engineChecks } from './engine-checks.ts'
import { EngineChoiceError } from '../engine/engine-choice.mjs'
import { engineRequest, describeEngine, searchEngine } from '../engine/engine.mjs'
import { inotifyCheck, inotifyHere } from './inotify.ts'
import { kernelChecks, kernelSources } from './kernel.ts'
import { resourceChecks } from './resources.ts'
import { localEnginePid, needsRuntime } from '../engine/runtime.mjs'
import { parseRoutes, subnetCheck } from './subnets.ts'

/**
 * Checks all requirements of this host without any change. `imagePresent` skips the check of image sources, the only slow one. Never
 * throws: an unreadable fact is an unmet requirement or a warning.
 */
export async function hostChecks({ imagePresent }: { imagePresent: boolean }): Promise<Check[]> {
  const { endpoint, refused } = await chosenEngine()
  const [engine, info, networks] = endpoint
    ? await Promise.all([
        describeEngine(endpoint).catch(() => undefined),
        engineRequest(endpoint, '/info').catch(() => undefined),
        engineRequest(endpoint, '/networks').catch(() => []),
      ])
    : [undefined, undefined, []]
  const pid = endpoint ? localEnginePid(endpoint) : undefined
  const here = process.platform === 'linux' && (pid !== undefined || endpoint === undefined)
  const routes = here ? parseRoutes(await readFile('/proc/net/route', 'utf8').catch(() => '')) : []
  const inotify = here ? inotifyHere() : undefined
  const sources = imagePresent ? [] : imageSourceChecks()
  return [
    ...(await resourceChecks({ memory: info?.MemTotal, cores: info?.NCPU, root: info?.DockerRootDir })),
    ...engineChecks({ endpoint, refused, engine, withheld: pid === undefined ? undefined : needsRuntime(pid) }),
    ...(here ? kernelChecks(kernelSources()) : []),
    ...(inotify ? [inotifyCheck(inotify)] : []),
    subnetCheck(routes, subnetsOf(networks)),
    ...(await sources),
  ]
}

/** Finds the engine that answers; an unusable choice is an unmet requirement. */
async function chosenEngine(): Promise<Pick<EngineFacts, 'endpoint' | 'refused'>> {
  try {
    const { endpoint } = await searchEngine()
    return { endpoint, refused: undefined }
  } catch (error) {
    if (error instanceof EngineChoiceError) return { endpoint: undefined, refused: error }
    throw error
  }
}

/** The CIDRs in Docker's answer to /networks. */
function subnetsOf(networks: unknown): string[] {
  const list = networks as { IPAM?: { Config?: { Subnet?: string }[] | null } }[]
  return list.flatMap(({ IPAM }) => (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet ? [Subnet] : [])))
}
