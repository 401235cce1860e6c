import { existsSync } from 'node:fs'
import { cp, mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { extract } from 'tar-fs'
import { BuildContainer } from './build-container.ts'
import type { BuildContext } from './build-context.ts'
import { goBuildArguments, type GoBuild } from '../go-builds.ts'
import { goToolchainSetting, type Toolchain } from './go-toolchain.ts'
import { moduleFolder } from '../recipe.ts'
import { runCommand } from '../../host/run-command.ts'
import { folderEntries, tarOf } from '../cache/tar.ts'
import { buildTrouble } from './trouble.ts'

/** Volume for Go's downloads and compiled packages, so that an interrupted build continues where it stopped. */
export const goVolume = 'holdfast-build-go'

/** Compiles one module's binaries into a folder. */
export async function compile(build: GoBuild, folder: string, go: Toolchain, context: BuildContext): Promise<void> {
  const calls = goBuildArguments(build, go.kind === 'host' ? folder : '/out')
  if (go.kind === 'host') await onHost(build, calls, folder, context)
  else await inContainer(build, calls, folder, go.image, context)
}

async function onHost(build: GoBuild, calls: string[][], folder: string, context: BuildContext): Promise<void> {
  const { cache, signal } = context
  const env = {
    CGO_ENABLED: '0',
    GOOS: 'linux',
    GOARCH: context.architecture,
    GOFLAGS: '',
    GOWORK: 'off',
    GOTOOLCHAIN: goToolchainSetting(),
  }
  let source = moduleFolder(build.name)
  const run = async (args: string[]): Promise<void> => {
    const done = await runCommand('go', args, { cwd: source, env, signal, onLine: context.detail })
    if (done.exitCode !== 0) throw buildTrouble(`Building ${build.name} ${build.version}`, done.tail, cache)
  }
  // Vendoring and emptying work on a copy, so that the project's folder does not change.
  const copy = join(cache, 'work', build.name)
  try {
    if (build.emptied) {
      await rm(copy, { recursive: true, force: true })
      await cp(source, copy, { recursive: true })
      source = copy
      await run(['mod', 'vendor'])
      for (const path of build.emptied) await emptyPackage(join(copy, 'vendor', path))
    }
    for (const args of calls) await run(args)
  } finally {
    await rm(copy, { recursive: true, force: true })
  }
}

async function emptyPackage(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const file of await readdir(folder)) if (file.endsWith('.go')) await rm(join(folder, file))
  await writeFile(join(folder, 'absent.go'), `package ${basename(folder)}\n`)
}

async function inContainer(
  build: GoBuild,
  calls: string[][],
  folder: string,
  image: string,
  context: BuildContext,
): Promise<void> {
  const { docker, signal } = context
  const empties = (build.emptied ?? []).map((path) => {
    const at = `vendor/${path}`
    return `mkdir -p ${at} && rm -f ${at}/*.go && echo 'package ${basename(path)}' > ${at}/absent.go`
  })
  const compiles = calls.map((args) => ['go', ...args].map(quote).join(' '))
  const script = [
    'set -e',
    'mkdir -p /out',
    'cd /src',
    ...(build.emptied ? ['go mod vendor'] : []),
    ...empties,
    ...compiles,
  ].join('\n')
  const authorities = hostAuthorities()
  await using container = await BuildContainer.create(
    docker,
    {
      Image: image,
      Cmd: ['sh', '-c', script],
      Env: [
        'CGO_ENABLED=0',
        'GOOS=linux',
        `GOARCH=${context.architecture}`,
        'GOFLAGS=',
        'GOTOOLCHAIN=auto',
        ...(authorities ? ['SSL_CERT_FILE=/src/authorities.pem'] : []),
        'GOCACHE=/cache/build',
        'GOMODCACHE=/cache/modules',
        ...passedOn([
          'GOPROXY',
          'GOSUMDB',
          'HTTP_PROXY',
          'HTTPS_PROXY',
          'NO_PROXY',
          'http_proxy',
          'https_proxy',
          'no_proxy',
        ]),
      ],
      HostConfig: { NetworkMode: 'host', Binds: [`${goVolume}:/cache`] },
    },
    signal,
  )
  const files = await folderEntries(moduleFolder(build.name), 'src')
  if (authorities) files.push({ path: 'src/authorities.pem', kind: 'file', from: authorities, mode: 0o644 })
  await container.put(tarOf(files), '/')
  const done = await container.run(context.detail)
  if (done.exitCode !== 0) throw buildTrouble(`Building ${build.name} ${build.version}`, done.tail, 'the Docker engine')
  await pipeline(await container.get('/out'), extract(folder, { strip: 1 }))
}

/** Returns this host's certificate authorities: a company's proxy may have its own, which public images don't have. */
function hostAuthorities(): string | undefined {
  return [process.env['SSL_CERT_FILE'], '/etc/ssl/certs/ca-certificates.crt'].find((path) => path && existsSync(path))
}

const quote = (word: string): string => `'${word.replaceAll("'", `'\\''`)}'`

/** Returns the user's settings that a container needs to reach the network. */
export function passedOn(names: readonly string[], env: NodeJS.ProcessEnv = process.env): string[] {
  return names.flatMap((name) => (env[name] ? [`${name}=${env[name]}`] : []))
}
