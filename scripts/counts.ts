/** Number of tests per outcome. Tests that an interrupted run did not reach count as skipped. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Skipped tests whose verdict is inconclusive because of measured host noise. */
  readonly hostNoise: number
}

/** The part of vitest's test module that counting needs. */
interface Module {
  errors(): readonly unknown[]
  readonly children: {
    allTests(): Iterable<{ result(): { readonly state: string; readonly note?: string | undefined } }>
    allSuites(): Iterable<{ errors(): readonly unknown[] }>
  }
}

const noise = 'HOST_NOISE'

export const nothing: Counts = { passed: 0, failed: 0, skipped: 0, hostNoise: 0 }

export const add = (a: Counts, b: Counts): Counts => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: a.skipped + b.skipped,
  hostNoise: a.hostNoise + b.hostNoise,
})

export function countsOfChecks(results: readonly { readonly ok: boolean }[]): Counts {
  const passed = results.filter(({ ok }) => ok).length
  return { passed, failed: results.length - passed, skipped: 0, hostNoise: 0 }
}

/** Counts tests. A file that fails to load and a group whose hooks fail count as one failure each. */
export function countsOfModules(modules: readonly Module[]): Counts {
  let counts = nothing
  for (const module of modules) {
    const broken = [module, ...module.children.allSuites()].filter((part) => part.errors().length > 0).length
    const results = [...module.children.allTests()].map((test) => test.result())
    const states = results.map(({ state }) => state)
    const hostNoise = results.filter(({ note }) => note?.startsWith(noise)).length
    const passed = states.filter((state) => state === 'passed').length
    const failed = states.filter((state) => state === 'failed').length
    counts = add(counts, { passed, failed: failed + broken, skipped: states.length - passed - failed, hostNoise })
  }
  return counts
}

export const closingLine = ({ passed, failed, skipped }: Counts): string =>
  `${passed} passed, ${failed} failed, ${skipped} skipped`

/** Returns the line before the closing line if host noise caused skips, else an empty string. */
export const noiseLine = ({ hostNoise }: Counts): string =>
  hostNoise > 0 ? `Skipped because of measured host noise: ${hostNoise}.\n` : ''
