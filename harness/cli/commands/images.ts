import { resolve } from 'node:path'
import { interruptible } from '../interrupt.ts'
import { columns, output } from '../output/output.ts'
import { ProgressLines } from '../output/progress-lines.ts'
import type { ExitCode, AddCommand } from './command.ts'

interface JsonFlag {
  readonly json?: boolean
}

export const addImages: AddCommand = (program, ended) => {
  const images = program.command('images').description('list, build, export or import machine images')
  const json = ['--json', 'print the result as JSON on stdout'] as const
  images
    .command('ls')
    .description('list the images on this machine')
    .option(...json)
    .action(async (flags: JsonFlag) => ended(await ls(flags.json ?? false)))
  images
    .command('build')
    .description('pull or build the machine image if it is missing')
    .option(...json)
    .action(async (flags: JsonFlag) => ended(await build(flags.json ?? false)))
  images
    .command('export')
    .argument('<file>', 'path of the archive to write')
    .description('write the machine image to a file, to import it on other machines')
    .action(async (file: string) => ended(await carry('export', file)))
  images
    .command('import')
    .argument('<file>', 'archive of `images export`, or of `docker save` for a third-party image')
    .description('load images from a file')
    .action(async (file: string) => ended(await carry('import', file)))
}

async function ls(json: boolean): Promise<ExitCode> {
  const out = output(json)
  const { listImages } = await import('../../images/build/resolver.ts')
  const listed = await listImages()
  if (!json)
    out.print(
      listed.length === 0
        ? 'This machine has no Holdfast image. Build it: holdfast images build'
        : columns(
            listed.map(({ reference, size, created, use }) => [
              reference,
              `${(size / 1e6).toFixed(0)} MB`,
              created.slice(0, 16),
              use,
            ]),
          ),
    )
  out.result(listed)
  return 0
}

async function build(json: boolean): Promise<ExitCode> {
  const out = output(json)
  using interrupt = interruptible(out)
  using lines = new ProgressLines(process.stderr)
  const { resolveImage } = await import('../../images/build/resolver.ts')
  try {
    const image = await resolveImage({ signal: interrupt.signal, progress: (event) => lines.print(event) })
    lines[Symbol.dispose]()
    if (!json) out.print(`${image.reference} ${image.origin} (${(image.took / 1000).toFixed(1)} s)`)
    out.result(image)
    return 0
  } catch (error) {
    if (interrupt.signal.aborted) return 130
    throw error
  }
}

async function carry(how: 'export' | 'import', file: string): Promise<ExitCode> {
  const path = resolve(file)
  const { exportImages, importImages } = await import('../../images/build/resolver.ts')
  await (how === 'export' ? exportImages(path) : importImages(path))
  output(false).print(`${how === 'export' ? 'Written to' : 'Loaded from'} ${path}`)
  return 0
}
