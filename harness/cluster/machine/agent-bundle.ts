import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import type { MachineFile } from '../distribution/files.ts'
import { paths } from '../../agent/paths.ts'
import { type MachineSpec, isNode } from './machine-spec.ts'

/** Returns the agent as one file without imports. */
export async function agentFile(): Promise<MachineFile> {
  return { path: paths.agent, content: await bundle('main.ts') }
}

/**
 * Returns the programs that Holdfast brings into a machine, each bundled into one file. Bundling takes tens of
 * milliseconds, so each boot does it anew.
 */
export async function agentFiles(): Promise<(machine: MachineSpec) => MachineFile[]> {
  const entries = ['etcd-proxy-main.ts', 'api-load-main.ts']
  const [agent, etcdProxy = '', apiLoad = ''] = await Promise.all([agentFile(), ...entries.map(bundle)] as const)
  return (machine) => [
    agent,
    ...(machine.role === 'control-plane' ? [{ path: paths.etcdProxy, content: etcdProxy }] : []),
    ...(isNode(machine) ? [{ path: paths.apiLoad, content: apiLoad }] : []),
  ]
}

async function bundle(entry: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [fileURLToPath(new URL(`../../agent/bin/${entry}`, import.meta.url))],
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
