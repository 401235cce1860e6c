import { columns, output, paint } from './output.ts'
import type { ExitCode, Verb } from './verb.ts'

export const addFaults: Verb = (program, ended) => {
  program
    .command('faults')
    .description('what can be broken, and whether this machine can do it')
    .option('--json', 'the same as JSON on stdout')
    .action(async (flags: { json?: boolean }) => ended(await faults(flags.json ?? false)))
}

async function faults(json: boolean): Promise<ExitCode> {
  const out = output(json)
  const { faultKinds } = await import('../faults/catalogue.ts')
  const { optionsInWords } = await import('../faults/fault-words.ts')
  const listed = await Promise.all(
    faultKinds.map(async (kind) => {
      const { name, group, describe, hits, evidence } = kind
      const lacking = (await kind.lacking?.()) ?? null
      return {
        name,
        group,
        describe,
        hits,
        options: optionsInWords(kind),
        evidence,
        available: lacking === null,
        lacking,
      }
    }),
  )
  if (!json) {
    const rows = listed.map(({ name, group, hits, available, lacking, describe }) => [
      available ? paint('green', 'yes') : paint('yellow', 'no'),
      group,
      name,
      hits,
      available ? describe : `${describe}. Not here: ${lacking}`,
    ])
    out.say(columns(rows))
    out.say('\nTry one: npm run holdfast -- up, then: npm run holdfast -- inject pause --target etcd@leader --for 10s')
  }
  out.result(listed)
  return 0
}
