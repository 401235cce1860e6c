import { $ as zx } from 'zx/core'

/**
 * Runs a shell command, for programs of the developer: tests, checks and benchmarks. The harness itself uses `runCommand`,
 * which needs no bash, streams lines and stops whole process groups.
 */
export const $ = zx({ quiet: true })
