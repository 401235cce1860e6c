import { columns, output } from './output.ts'
import type { ExitCode, Verb } from './verb.ts'

export const addList: Verb = (program, ended) => {
  program
    .command('list')
    .description('the scenarios, and the contracts that are judged on them')
    .option('--json', 'the same as JSON on stdout')
    .action(async (flags: { json?: boolean }) => ended(await list(flags.json ?? false)))
}

async function list(json: boolean): Promise<ExitCode> {
  const out = output(json)
  const [{ scenarios }, { contracts }] = await Promise.all([
    import('../../scenarios/index.ts'),
    import('../contracts/index.ts'),
  ])
  const listed = [...scenarios.values()].map(({ name, describe, topology }) => ({ name, describe, topology }))
  const promises = contracts.map(({ id, area, promise, reference, needs }) => ({
    id,
    area,
    promise,
    reference,
    needs,
  }))
  if (!json) {
    out.say(`Scenarios\n${columns(listed.map(({ name, topology, describe }) => [`  ${name}`, topology, describe]))}`)
    out.say(`\nContracts\n${columns(promises.map(({ id, promise }) => [`  ${id}`, promise]))}`)
  }
  out.result({ scenarios: listed, contracts: promises })
  return 0
}
