import type { Command } from 'commander'

/** Exit code of a command. */
export type ExitCode = 0 | 1 | 2 | 64 | 130

/** Adds one command to the program; it calls `ended` with its exit code. Its modules load when it runs, so that --help is fast. */
export type AddCommand = (program: Command, ended: (exitCode: ExitCode) => void) => void

/** Help text that several commands share. */
export const outOption = 'folder of the runs (default: reports/out)'
export const runArgument = 'run id, run folder, or "last"'

/** Adds the flags of a cluster, shared by `run` and `up`. */
export function clusterFlags(command: Command): Command {
  return command
    .option(
      '--topology <name>',
      `machines (etcd + control-plane + worker): single 1+1+1, ha 3+2+3, wide 3+2+5 in 2 zones (default: the scenario's own, or ha)`,
    )
    .option(
      '--distribution <name>',
      'Kubernetes to run: k3s, upstream, or auto: k3s if its image is available, else upstream (default: auto)',
    )
    .option('--standalone-kube-proxy', 'run kube-proxy as a separate process on k3s too, so that faults can target it')
    .option('--mirror <registry>', 'registry mirror for third-party images (default: their own registries)')
    .option('--timings <name>', 'stock: upstream defaults; brisk: same ratios, shorter times (default: stock)')
}
