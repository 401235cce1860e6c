import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { xorshift128plus } from 'pure-rand/generator/xorshift128plus'
import { z } from 'zod'
import { errorMessage } from '../harness/common/error-message.mjs'
import { $ } from '../harness/host/shell.ts'
import { HoldfastError } from '../harness/common/errors.ts'
import { type Operation, isEvidence } from '../harness/judge/history/history.ts'
import { validHistory } from '../harness/judge/testing/histories.ts'
import { anything, mutations } from '../harness/judge/testing/mutations.ts'
import type { Figure } from './figures.ts'
import { writeHistories } from './history-file.ts'

interface CheckBench {
  readonly runs: number
  readonly report: (text: string) => void
}

const here = import.meta.dirname
/** Histories judged first and not counted: Holdfast's judge is compiled at run time, porcupine before. */
const warmUp = 10
/** Limits of porcupine, which has no budget in configurations. */
const allowance = { seconds: 60, megabytes: 8_000 }
const answers = z.object({
  result: z.string(),
  ms: z.number(),
  bytes: z.number(),
  /** Most configurations that the search of one object explored. porcupine does not report them. */
  explored: z.number().default(0),
})
type Answer = z.infer<typeof answers>
/** Mutations of valid histories. */
const kinds = [undefined, anything, anything, ...Object.values(mutations)]
type Judge = (file: string) => Promise<Answer[]>

/** Compares Holdfast's judge of histories with porcupine: same model, same histories from a file, one run. */
export async function benchCheck({ runs, report }: CheckBench): Promise<Figure[]> {
  await using cleanup = new AsyncDisposableStack()
  const folder = await mkdtemp(join(tmpdir(), 'holdfast-bench-'))
  cleanup.defer(() => rm(folder, { recursive: true }))
  report('building porcupine')
  const judges = { own: ownJudge, porcupine: await porcupine(folder) }
  const file = join(folder, 'histories')
  const figures = [...(await sameVerdicts(judges, file, report)), await asRecorded(file, report)]
  for (const keys of [1, 10, 100]) {
    report(`10,000 operations on ${keys} objects`)
    const shape = { operations: 10_000, clients: 10, keys, unknown: 0.01 }
    const many = warmUp + runs
    const histories = Array.from({ length: many }, (_, n) => validHistory({ ...shape, seed: 1 + n }).filter(isEvidence))
    await writeHistories(file, histories)
    const [own, other] = [await judges.own(file), await judges.porcupine(file)]
    figures.push(...compared(`10,000 on ${keys}`, own.slice(warmUp), other.slice(warmUp)))
  }
  report('1,000,000 operations on 1,000 objects')
  const shape = { seed: 1, operations: 1_000_000, clients: 10, keys: 1_000, unknown: 0.01 }
  await writeHistories(file, [validHistory(shape).filter(isEvidence)])
  figures.push(...compared('1,000,000 on 1,000', await judges.own(file), await judges.porcupine(file)))
  return figures
}

async function sameVerdicts(
  judges: Readonly<Record<'own' | 'porcupine', Judge>>,
  file: string,
  report: (text: string) => void,
): Promise<Figure[]> {
  const histories = generated(1_000)
  await writeHistories(file, histories)
  const [own, other] = [await judges.own(file), await judges.porcupine(file)]
  const names: Readonly<Record<string, string>> = { holds: 'Ok', violated: 'Illegal', undecided: 'Unknown' }
  const differ = histories.filter((_, n) => names[own[n]?.result ?? ''] !== other[n]?.result)
  const broken = other.filter(({ result }) => result === 'Illegal').length
  report(`1,000 histories, ${broken} of them invalid: ${differ.length} verdicts differ`)
  if (broken === 0 || broken === histories.length || other.length !== histories.length) {
    throw new HoldfastError(
      'HF_BENCH',
      `${broken} of ${other.length} histories are invalid: there is nothing to compare.`,
      {
        hint: 'Check the generator of histories.',
      },
    )
  }
  return [
    { name: 'verdicts that differ, of 1,000', unit: 'count', values: [differ.length] },
    explored('as compared', own),
  ]
}

/** Counts the configurations per object in histories shaped like a recording. The search's budget rests on this figure. */
async function asRecorded(file: string, report: (text: string) => void): Promise<Figure> {
  report('1,000 histories in the shape of a recording')
  const histories = Array.from({ length: 1_000 }, (_, n) => {
    const sound = validHistory({ seed: 1 + n, operations: 1_500, clients: 9, keys: 8, unknown: n % 2 ? 0.03 : 0.1 })
    const mutate = kinds[n % kinds.length]
    return ((mutate && mutate(sound, xorshift128plus(1 + n))) ?? sound).filter(isEvidence)
  })
  await writeHistories(file, histories)
  return explored('as recorded', await ownJudge(file))
}

/** Includes only histories with an object that revisions alone do not decide. */
function explored(name: string, own: readonly Answer[]): Figure {
  const values = own.map((answer) => answer.explored).filter((many) => many > 0)
  return { name: `configurations of one object, ${name}`, unit: 'count', values }
}

/** Generates valid, invalid and randomly changed histories, of few clients and of many. */
function generated(many: number): Operation[][] {
  const histories: Operation[][] = []
  for (let seed = 1; histories.length < many; seed++) {
    const shape = { seed, operations: 5 + (seed % 60), clients: 1 + (seed % 7), keys: 1 + (seed % 3) }
    const sound = validHistory({ ...shape, unknown: (seed % 3) * 0.04 })
    const mutate = kinds[seed % kinds.length]
    const history = mutate ? mutate(sound, xorshift128plus(seed)) : sound
    if (history) histories.push(history.filter(isEvidence))
  }
  return histories
}

function compared(name: string, own: readonly Answer[], other: readonly Answer[]): Figure[] {
  const seconds = (answers: readonly Answer[]): number[] => answers.map(({ ms }) => ms / 1000)
  const inconclusive = other.filter(({ result }) => result !== 'Ok').map(({ result }) => result)
  const wrong = own.find(({ result }) => result !== 'holds')
  if (wrong) {
    throw new HoldfastError(
      'HF_BENCH',
      `A valid history of ${name} has the result "${wrong.result}": must be "holds".`,
      {
        hint: 'Check the judge of histories.',
      },
    )
  }
  return [
    { name: `${name}: this project`, unit: 's', values: seconds(own) },
    {
      name: `${name}: porcupine${inconclusive.length > 0 ? ` (${inconclusive.join(', ')})` : ''}`,
      unit: 's',
      values: seconds(other),
    },
    { name: `${name}: ratio`, unit: 'ratio', values: own.map(({ ms }, n) => ms / (other[n]?.ms ?? Number.NaN)) },
    { name: `${name}: this project`, unit: 'MB', values: [Math.max(...own.map(({ bytes }) => bytes)) / 1e6] },
    { name: `${name}: porcupine`, unit: 'MB', values: [Math.max(...other.map(({ bytes }) => bytes)) / 1e6] },
  ]
}

function ownJudge(file: string): Promise<Answer[]> {
  return judged(process.execPath, [join(here, 'check-histories.ts'), file])
}

async function porcupine(folder: string): Promise<Judge> {
  const program = join(folder, 'porcupine')
  const source = join(here, 'porcupine')
  await $({ cwd: source })`go build -o ${program} .`.catch((cause: unknown) => {
    throw new HoldfastError('HF_NO_GO', `Building porcupine in ${source} failed: ${errorMessage(cause)}.`, {
      hint: 'Install Go 1.26 or later (https://go.dev/dl/).',
      cause,
    })
  })
  return (file) => judged(program, [file, `${allowance.seconds}s`, `${allowance.megabytes}`])
}

async function judged(program: string, args: readonly string[]): Promise<Answer[]> {
  const { stdout } = await $`${program} ${args}`
  return stdout
    .trim()
    .split('\n')
    .map((line) => answers.parse(JSON.parse(line)))
}
