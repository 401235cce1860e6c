/** How many tests came out how. What was never reached (an interrupted run) counts as skipped. */
export interface Counts {
  readonly passed: number
  readonly failed: number
  readonly skipped: number
  /** Those of the skipped whose verdict measured noise of the host left undecided. */
  readonly hostNoise: number
}

/** The part of vitest's test module that is counted. */
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

/** Counts tests, and as one failure each file that could not be loaded and each group whose own hooks failed. */
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

/** What stands before the closing line where host noise decided something; else empty. */
export const noiseLine = ({ hostNoise }: Counts): string =>
  hostNoise > 0 ? `Skipped because of measured host noise: ${hostNoise}.\n` : ''
