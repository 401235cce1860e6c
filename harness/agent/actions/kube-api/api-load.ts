import { readFile, rm } from 'node:fs/promises'
import { eventually } from '../../../common/eventually.ts'
import { paths } from '../../paths.ts'
import type { LoadReport, LoadSettings } from '../../rpc/api-load-protocol.ts'
import { exists, unlessAbsent } from '../../ttl/absence.ts'
import { endInBackground, runFolder, startInBackground } from '../../processes/background.ts'
import { agentAction } from '../action.ts'

interface Params extends Omit<LoadSettings, 'report' | 'authority'> {
  /** Names the process and its report; unique for each fault. */
  readonly name: string
}

const beginsWithinMs = 10_000
const reportOf = (name: string): string => `${runFolder}/${name}.json`

/** Loads an API server from this machine, with a separate process. The answers that it received are the evidence. */
export const apiLoad = agentAction({
  name: 'api-load',
  do: async ({ name, ...load }: Params) => {
    const settings: LoadSettings = { ...load, authority: `${paths.pki}/ca.crt`, report: reportOf(name) }
    const { pid, input } = await startInBackground(name, [process.execPath, paths.apiLoad])
    input.write(`${JSON.stringify(settings)}\n`)
    // The process reports from its start on, which distinguishes a failed start from a slow one.
    await eventually(`the load on ${load.server} to begin`, () => exists(settings.report), {
      timeoutMs: beginsWithinMs,
      intervalMs: 20,
    })
    return { server: load.server, pid }
  },
  undo: async ({ name }) => {
    const ended = await endInBackground(name)
    const last = await reported(name)
    await rm(reportOf(name), { force: true })
    return { ...last, ended }
  },
  evidence: async ({ name }) => {
    const seen = await reported(name)
    if (!seen) throw new Error('the load process has not written a report')
    return seen
  },
})

/** Undefined when there is no report: the process never started, or was already reverted. */
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
