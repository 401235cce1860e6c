import { columns, output } from '../output/output.ts'
import { type ExitCode, outOption, type AddCommand } from './command.ts'

interface ListFlags {
  readonly json?: boolean
  readonly out?: string
}

export const addList: AddCommand = (program, ended) => {
  program
    .command('list')
    .description('list scenarios and contracts, what each contract needs and which run last exercised it')
    .option('--out <folder>', outOption)
    .option('--json', 'print the list as JSON on stdout')
    .action(async (flags: ListFlags) => ended(await list(flags)))
}

async function list(flags: ListFlags): Promise<ExitCode> {
  const out = output(flags.json ?? false)
  const [{ resolveSettings }, { scenarios, defaultScenarios }, { contracts }, { lastExercised, formatLastExercised }] =
    await Promise.all([
      import('../input/settings.ts'),
      import('../../../scenarios/index.ts'),
      import('../../contracts/catalogue.ts'),
      import('./last-exercised.ts'),
    ])
  const settings = await resolveSettings(flags.out === undefined ? {} : { out: flags.out })
  const last = await lastExercised(
    settings.out,
    contracts.map(({ id }) => id),
  )
  const listed = [...scenarios.values()].map((scenario) => ({
    name: scenario.name,
    describe: scenario.describe,
    topology: scenario.topology,
    default: defaultScenarios.includes(scenario),
    contracts: [...(scenario.contracts ?? [])],
  }))
  const promises = contracts.map(({ id, area, promise, reference, needs }) => {
    return { id, area, promise, reference, needs, lastExercised: last.get(id) ?? null }
  })
  out.result({ scenarios: listed, contracts: promises })
  if (out.json) return 0
  out.print(`Scenarios\n${columns(listed.map(({ name, topology, describe }) => [`  ${name}`, topology, describe]))}`)
  const rows = promises.flatMap(({ id, promise, needs }) => [
    [`  ${id}`, promise],
    ['', `needs: ${needs}`],
    ['', `last exercised: ${formatLastExercised(last.get(id))}`],
  ])
  out.print(`\nContracts\n${columns(rows)}`)
  return 0
}
