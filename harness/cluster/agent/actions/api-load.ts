import { readFile, rm } from 'node:fs/promises'
import { eventually } from '../../../eventually.ts'
import { paths } from '../../distribution/upstream/paths.ts'
import type { LoadReport, LoadSettings } from '../api-load-protocol.ts'
import { exists, unlessAbsent } from '../absence.ts'
import { endInBackground, runFolder, startInBackground } from '../background.ts'
import { agentAction } from './action.ts'

interface Params extends Omit<LoadSettings, 'report' | 'authority'> {
  /** Names the process and its report: one for each lease. */
  readonly name: string
}

const beginsWithinMs = 10_000
const reportOf = (name: string): string => `${runFolder}/${name}.json`

/** Loads an API server from this machine, in a process of its own. What it was answered is its proof. */
export const apiLoad = agentAction({
  name: 'api-load',
  do: async ({ name, ...load }: Params) => {
    const settings: LoadSettings = { ...load, authority: `${paths.pki}/ca.crt`, report: reportOf(name) }
    const { pid, input } = await startInBackground(name, [process.execPath, paths.apiLoad])
    input.write(`${JSON.stringify(settings)}\n`)
    // It reports as long as it lives, from the first moment on: one that can't even begin is told from one that is slow.
    await eventually(`the load on ${load.server} to begin`, () => exists(settings.report), {
      withinMs: beginsWithinMs,
      everyMs: 20,
    })
    return { server: load.server, pid }
  },
  undo: async ({ name }) => {
    const ended = await endInBackground(name)
    const last = await reported(name)
    await rm(reportOf(name), { force: true })
    return { ...last, ended }
  },
  proof: async ({ name }) => {
    const seen = await reported(name)
    if (!seen) throw new Error('the load has not reported anything')
    return seen
  },
})

/** Undefined where there is no report: it never began, or was undone before. */
async function reported(name: string): Promise<Record<string, number> | undefined> {
  const text = await unlessAbsent(readFile(reportOf(name), 'utf8'))
  if (text === undefined) return undefined
  const {
    sent = 0,
    leftOut = 0,
    succeeded = 0,
    throttled = 0,
    otherwise = 0,
    unanswered = 0,
  } = JSON.parse(text) as Partial<LoadReport>
  return { sent, leftOut, succeeded, throttled, otherwise, unanswered }
}
