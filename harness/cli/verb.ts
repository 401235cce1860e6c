import type { Command } from 'commander'

/** What a verb's action hands back: the exit code of the whole command. */
export type ExitCode = 0 | 1 | 2 | 64 | 130

/** One verb: adds itself to the program, and tells the exit code when it has run. What it needs is imported when it runs, so that --help is quick. */
export type Verb = (program: Command, ended: (exitCode: ExitCode) => void) => void

/** The flags that say which cluster and how; shared by `run` and `up`. */
export function clusterFlags(command: Command): Command {
  return command
    .option(
      '--topology <name>',
      'which machines there are: ha, single, wide (default: what each scenario needs, or ha)',
    )
    .option('--distribution <name>', 'where the machines come from: auto, k3s, upstream (default: auto)')
    .option('--kube-proxy-apart', 'kube-proxy as a process of its own on k3s too, so that it can be hit by itself')
    .option('--mirror <registry>', 'a registry that has the images of others under the same paths (default: their own)')
    .option('--timings <name>', 'stock: as upstream ships it; brisk: the same ratios, faster (default: stock)')
}
