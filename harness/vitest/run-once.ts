import { randomInt } from 'node:crypto'
import type { TestProject } from 'vitest/node'
import { defaultScenarios, scenarios } from '../../scenarios/index.ts'
import { distributionNames, type WantedDistribution } from '../cluster/distribution/choose.ts'
import { contracts } from '../contracts/catalogue.ts'
import type { Verdict } from '../judge/verdict/verdict.ts'
import { now } from '../record/clock.ts'
import { runScenarios } from '../run/run.ts'
import { isNightly } from './nightly.ts'

declare module 'vitest' {
  interface ProvidedContext {
    /** The folder of the run that the suites judge. */
    readonly runFolder: string
  }
}

/** Runs once for all suites: boots the cluster and runs the default scenarios, or every one in the nightly run. The suites then read the recording. */
export default async function runOnce(project: TestProject): Promise<void> {
  const seed = Number(process.env['HOLDFAST_SEED'] ?? randomInt(2 ** 31))
  console.error(`seed ${seed} (HOLDFAST_SEED=${seed} repeats the run)`)
  const began = now()
  const { folder, verdicts } = await runScenarios({
    scenarios: isNightly ? [...scenarios.values()] : defaultScenarios,
    distribution: wantedDistribution(process.env['HOLDFAST_DISTRIBUTION'] ?? 'auto'),
    timings: process.env['HOLDFAST_TIMINGS'] ?? 'stock',
    seed,
    out: 'reports/out',
    keep: false,
    signal: new AbortController().signal,
    progress: ({ at, text }) => console.error(`${((at - began) / 1000).toFixed(1)} s  ${text}`),
  })
  console.error(`recorded in ${folder}; ${judgedContracts(verdicts)}`)
  project.provide('runFolder', folder)
}

/** `59 of 61 contracts judged, not exercised: CM-04, WL-02` */
function judgedContracts(verdicts: readonly Verdict[]): string {
  const judged = new Set(verdicts.filter(({ status }) => status !== 'not-exercised').map(({ contract }) => contract))
  const missing = contracts.map(({ id }) => id).filter((id) => !judged.has(id))
  const count = `${contracts.length - missing.length} of ${contracts.length} contracts judged`
  return missing.length === 0 ? count : `${count}, not exercised: ${missing.join(', ')}`
}

function wantedDistribution(name: string): WantedDistribution {
  const found = distributionNames.find((one) => one === name)
  if (found) return found
  throw new Error(`HOLDFAST_DISTRIBUTION is "${name}"; it can be ${distributionNames.join(', ')}`)
}
