import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'

/** The agent as one file without imports, made anew at each boot: it takes some ten milliseconds. */
export async function agentBundle(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL('agent/main.ts', import.meta.url))],
    bundle: true,
    write: false,
    platform: 'node',
    format: 'esm',
    target: 'node24',
    minifySyntax: true,
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}
