import { Command, InvalidArgumentError, Option } from 'commander'
import { distributionNames, type WantedDistribution } from '../harness/cluster/distribution/choose.ts'
import { HoldfastError } from '../harness/errors.ts'
import { benchBoot } from './boot.ts'
import { benchCheck } from './check.ts'
import { asLine, asTable } from './figures.ts'
import { benchJournal } from './journal.ts'
import { benchObserve } from './observe.ts'
import { benchPage } from './page.ts'
import { benchProbe } from './probe.ts'
import { benchRules } from './rules.ts'

/* `npm run bench -- NAME`: what is fast is shown here, and never by a test with a clock in it. */

interface BootFlags {
  readonly runs: number
  readonly topology: string
  readonly distribution: WantedDistribution
  readonly json?: boolean
}

const program = new Command('npm run bench --')
program
  .command('boot')
  .description('from no container to a cluster that is ready in every respect')
  .option('--runs <n>', 'how often', positive, 3)
  .option('--topology <name>', 'which cluster', 'ha')
  .addOption(
    new Option('--distribution <name>', 'what its machines are made from; k3s is compared with upstream')
      .choices(distributionNames)
      .default('auto'),
  )
  .option('--json', 'one line of JSON for each figure on stdout')
  .action(async ({ runs, topology, distribution, json = false }: BootFlags) => {
    const figures = await benchBoot({ runs, topology, distribution, say: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })
program
  .command('check')
  .description('the judge of histories beside porcupine, on the same histories')
  .option('--runs <n>', 'how many histories of each size', positive, 5)
  .option('--json', 'one line of JSON for each figure on stdout')
  .action(async ({ runs, json = false }: { runs: number; json?: boolean }) => {
    const figures = await benchCheck({ runs, say: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('rules')
  .description("one machine's kube-proxy rules compared with what its Services ask")
  .option('--runs <n>', 'how often', positive, 5)
  .option('--services <n>', 'how many Services', positive, 500)
  .option('--endpoints <n>', 'how many endpoints each has', positive, 10)
  .option('--json', 'one line of JSON for each figure on stdout')
  .action(({ json = false, ...options }: { runs: number; services: number; endpoints: number; json?: boolean }) => {
    const figures = benchRules(options)
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('journal')
  .description('a long journal written and read back')
  .option('--runs <n>', 'how often it is read', positive, 3)
  .option('--records <n>', 'how long it is', positive, 1_000_000)
  .option('--json', 'one line of JSON for each figure on stdout')
  .action(async ({ runs, records, json = false }: { runs: number; records: number; json?: boolean }) => {
    const figures = await benchJournal({ runs, records, say: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('page')
  .description('the page of a long run, drawn')
  .option('--runs <n>', 'how often', positive, 5)
  .option('--json', 'one line of JSON for each figure on stdout')
  .action(({ runs, json = false }: { runs: number; json?: boolean }) => {
    const figures = benchPage({ runs })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('probe')
  .description('what probes say of outages of known length, and what ten of them cost')
  .option('--runs <n>', 'how many outages of each length', positive, 5)
  .option('--json', 'one line of JSON for each figure on stdout')
  .action(async ({ runs, json = false }: { runs: number; json?: boolean }) => {
    const figures = await benchProbe({ runs, say: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('observe')
  .description('how late the recorder is, and what it costs')
  .option('--seconds <n>', 'how long there are a thousand changes a second', positive, 30)
  .option('--json', 'one line of JSON for each figure on stdout')
  .action(async ({ seconds, json = false }: { seconds: number; json?: boolean }) => {
    const figures = await benchObserve({ seconds, say: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

program
  .command('inject')
  .description('from the decision to a fault until its effect is proven, and the same for healing')
  .option('--runs <n>', 'how often each', positive, 50)
  .option('--soak <n>', 'so many faults in a row afterwards, and what has grown by then')
  .option('--json', 'one line of JSON for each figure on stdout')
  .action(async ({ runs, soak, json = false }: { runs: number; soak?: string; json?: boolean }) => {
    const { benchInject } = await import('./inject.ts')
    const figures = await benchInject({ runs, soak: Number(soak ?? 0), say: (text) => console.error(text) })
    console.log(json ? figures.map(asLine).join('\n') : asTable(figures))
  })

function positive(text: string): number {
  const n = Number(text)
  if (Number.isInteger(n) && n > 0) return n
  throw new InvalidArgumentError('It has to be a whole number above 0.')
}

try {
  await program.parseAsync()
} catch (error) {
  if (!(error instanceof HoldfastError)) throw error
  console.error(`${error.message}\n${error.hint}`)
  process.exitCode = error.exitCode
}
process.exit()
