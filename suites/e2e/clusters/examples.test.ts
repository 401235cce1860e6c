import { readdirSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { $ } from '../../../harness/host/shell.ts'
import type { RunResult } from '../../../harness/run/run.ts'
import type { Scenario } from '../../../harness/run/scenario.ts'
import { isHostNoise } from '../../../harness/vitest/contract-tests.ts'

/* Runs each example with the real program. Every contract that the example lists must pass. */

test.for(readdirSync('examples'))('examples/%s', async (name, { skip }) => {
  const file = `examples/${name}`
  const { default: scenario } = (await import(pathToFileURL(file).href)) as { default: Scenario }
  const out = await mkdtemp(join(tmpdir(), 'holdfast-examples-'))
  try {
    const argv = ['run', file, '--topology', scenario.topology, '--distribution', 'upstream', '--out', out, '--json']
    const { stdout } = await $`${process.execPath} harness/cli/main.ts ${argv}`
    const { verdicts } = JSON.parse(stdout) as RunResult
    const decided = verdicts.filter((verdict) => !isHostNoise(verdict))
    const status = new Map(
      decided.map(({ contract, status: found, reason }) => [contract, found === 'pass' ? found : reason]),
    )
    const noisy = verdicts.filter(isHostNoise)
    const named = (scenario.contracts ?? []).filter((id) => noisy.every(({ contract }) => contract !== id))
    expect(named.map((id) => [id, status.get(id)])).toEqual(named.map((id) => [id, 'pass']))
    const harmless = ['pass', 'known', 'not-exercised', 'not-applicable']
    expect(decided.filter(({ status: found }) => !harmless.includes(found))).toEqual([])
    if (noisy.length > 0) skip(noisy.map(({ contract, reason }) => `${contract}: ${reason}`).join('\n'))
  } finally {
    await rm(out, { recursive: true })
  }
})
