import { Command, InvalidArgumentError, Option } from 'commander'
import { distributionNames, type WantedDistribution } from '../harness/cluster/distribution/choose.ts'
import { HoldfastError } from '../harness/common/errors.ts'
import { benchBoot } from './boot.ts'
import { benchCheck } from './check.ts'
import { asLine, asTable } from './figures.ts'
import { benchJournal } from './journal.ts'
import { benchObserve } from './observe.ts'
import { benchPage } from './page.ts'
import { benchProbe } from './probe.ts'
import { benchRules } from './rules.ts'

/* `npm run bench -- NAME`: benchmarks measure speed; no test does. */

interface BootFlags {
  readonly runs: number
  readonly topology: string
  readonly distribution: WantedDistribution
  readonly json?: boolean
}

const program = new Command('npm run bench --')
program
  .command('boot')
  .description('measure a boot, from no container to a ready cluster')
  .option('--runs <n>', 'number of runs', positive, 3)
  .option('--topology <name>', 'topology of the cluster', 'ha')
  .addOption(
    new Option('--distribution <name>', 'distribution of the machines; k3s is compared with upstream')
      .choices(distributionNames)
      .default('auto'),
  )
  .option('--json', 'print each figure as one line of JSON')
  .action(async ({ runs, topology, distribution, json = false }: BootFlags) => {
    const figures = await benchBoot({ runs, topology, distribution, report: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })
program
  .command('check')
  .description('compare the judge of histories with porcupine on the same histories')
  .option('--runs <n>', 'number of histories of each size', positive, 5)
  .option('--json', 'print each figure as one line of JSON')
  .action(async ({ runs, json = false }: { runs: number; json?: boolean }) => {
    const figures = await benchCheck({ runs, report: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('rules')
  .description("compare one machine's kube-proxy rules with its Services")
  .option('--runs <n>', 'number of runs', positive, 5)
  .option('--services <n>', 'number of Services', positive, 500)
  .option('--endpoints <n>', 'number of endpoints of each Service', positive, 10)
  .option('--json', 'print each figure as one line of JSON')
  .action(({ json = false, ...options }: { runs: number; services: number; endpoints: number; json?: boolean }) => {
    const figures = benchRules(options)
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('journal')
  .description('write a long journal and read it back')
  .option('--runs <n>', 'number of reads', positive, 3)
  .option('--records <n>', 'number of records', positive, 1_000_000)
  .option('--json', 'print each figure as one line of JSON')
  .action(async ({ runs, records, json = false }: { runs: number; records: number; json?: boolean }) => {
    const figures = await benchJournal({ runs, records, report: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('page')
  .description('generate the report page of a long run')
  .option('--runs <n>', 'number of runs', positive, 5)
  .option('--json', 'print each figure as one line of JSON')
  .action(({ runs, json = false }: { runs: number; json?: boolean }) => {
    const figures = benchPage({ runs })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('probe')
  .description('compare probed with real outage lengths, and measure the cost of ten probes')
  .option('--runs <n>', 'number of outages of each length', positive, 5)
  .option('--json', 'print each figure as one line of JSON')
  .action(async ({ runs, json = false }: { runs: number; json?: boolean }) => {
    const figures = await benchProbe({ runs, report: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('observe')
  .description('measure the lag and the cost of the watch recorder')
  .option('--seconds <n>', 'duration of a load of 1,000 changes a second', positive, 30)
  .option('--json', 'print each figure as one line of JSON')
  .action(async ({ seconds, json = false }: { seconds: number; json?: boolean }) => {
    const figures = await benchObserve({ seconds, report: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('inject')
  .description('measure the time from the decision to inject or heal a fault until the proof')
  .option('--runs <n>', 'number of runs of each fault', positive, 50)
  .option('--soak <n>', 'number of consecutive faults afterwards, to measure growth')
  .option('--json', 'print each figure as one line of JSON')
  .action(async ({ runs, soak, json = false }: { runs: number; soak?: string; json?: boolean }) => {
    const { benchInject } = await import('./inject.ts')
    const figures = await benchInject({ runs, soak: Number(soak ?? 0), report: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

function positive(text: string): number {
  const n = Number(text)
  if (Number.isInteger(n) && n > 0) return n
  throw new InvalidArgumentError('Must be an integer greater than 0.')
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof HoldfastError)) throw error
  console.error(`${error.message}\n${error.hint}`)
  process.exitCode = error.exitCode
}
process.exit()
