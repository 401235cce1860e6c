import { columns, output, paint } from '../output/output.ts'
import type { ExitCode, AddCommand } from './command.ts'

export const addFaults: AddCommand = (program, ended) => {
  program
    .command('faults')
    .description('list the faults, their targets, and whether this machine supports them')
    .option('--json', 'print the list as JSON on stdout, with options and evidence')
    .action(async (flags: { json?: boolean }) => ended(await faults(flags.json ?? false)))
}

async function faults(json: boolean): Promise<ExitCode> {
  const out = output(json)
  const { faultKinds } = await import('../../faults/catalogue/catalogue.ts')
  const { optionDocs } = await import('../../faults/catalogue/option-docs.ts')
  const listed = await Promise.all(
    faultKinds.map(async (kind) => {
      const { name, group, describe, hits, evidence } = kind
      const lacking = (await kind.lacking?.()) ?? null
      return {
        name,
        group,
        describe,
        hits,
        options: optionDocs(kind),
        evidence,
        available: lacking === null,
        lacking,
      }
    }),
  )
  if (!json) {
    const rows = listed.map(({ name, group, hits, available, lacking, describe }) => [
      available ? 'yes' : 'no',
      group,
      name,
      hits,
      available ? describe : `${describe}. Unavailable: ${lacking}`,
    ])
    const [header = '', ...lines] = columns([['usable', 'area', 'fault', 'target', 'effect'], ...rows]).split('\n')
    out.print(paint('dim', header))
    for (const line of lines)
      out.print(line.replace(/^\S+/, (word) => paint(word === 'yes' ? 'green' : 'yellow', word)))
    out.print('\ndocs/faults.md describes targets, options and evidence of each fault.')
    out.print('Example: npm run holdfast -- up; npm run holdfast -- inject pause --target etcd@leader --for 10s')
  }
  out.result(listed)
  return 0
}
