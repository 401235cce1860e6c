import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { Cluster } from '../../cluster/cluster.ts'
import { chooseReaper, engine } from '../../cluster/machine/engine.ts'
import { inspectIfPresent } from '../../cluster/machine/inspect-if-present.ts'
import { machineExists } from '../../cluster/boot/join.ts'
import { apiServer, Kubernetes } from '../../cluster/api/kubernetes.ts'
import { containerName, sidecarName } from '../../cluster/machine/labels.ts'
import { Machine } from '../../cluster/machine/machine.ts'
import type { MachineSpec } from '../../cluster/machine/machine-spec.ts'
import type { Spare } from '../../cluster/machine/spare.ts'
import { timings } from '../../cluster/timings.ts'
import { HoldfastError } from '../../common/errors.ts'
import type { JournalRecord } from '../../record/records.ts'

/** What another process needs to use a cluster, in the run's folder with the kubeconfigs. */
const description = z.object({
  run: z.string(),
  timings: z.string(),
  /** As the harness created them; only the harness reads them. */
  machines: z.array(z.custom<MachineSpec>((value) => typeof (value as MachineSpec | undefined)?.name === 'string')),
  servers: z.array(z.object({ name: z.string(), url: z.string() })),
  /** The worker that may join the cluster, with its keys. */
  spare: z.custom<Spare>((value) => typeof (value as Spare | undefined)?.spec.name === 'string').optional(),
})

const fileName = 'cluster.json'

export async function describeCluster(cluster: Cluster, speed: string): Promise<void> {
  const { run, folder, machines, kubernetes, spare } = cluster
  const content: z.infer<typeof description> = {
    run,
    timings: speed,
    machines: machines.map(({ spec }) => spec),
    servers: kubernetes.servers.map(({ name, url }) => ({ name, url })),
    spare,
  }
  await writeFile(join(folder, fileName), JSON.stringify(content), { mode: 0o600 })
}

/**
 * Attaches to a kept cluster that another process booted.
 * @throws HoldfastError HF_NO_CLUSTER when its folder has no valid description
 */
export async function attach(folder: string, emit: (record: JournalRecord) => void): Promise<Cluster> {
  const { run, timings: speed, machines, servers, spare } = await described(folder)
  const docker = await engine()
  await chooseReaper(docker, true)
  const kubernetes = new Kubernetes(
    await Promise.all(
      servers.map(async ({ name, url }) =>
        apiServer(name, url, await readFile(join(folder, `kubeconfig-${name}.yaml`), 'utf8')),
      ),
    ),
  )
  // The spare worker is a machine of the cluster if any process let it join.
  const joined = spare && (await machineExists(run, spare.spec.name)) ? [spare.spec] : []
  const attached = [...machines, ...joined].map(async (spec) => {
    const sidecar = docker.getContainer(sidecarName(run, spec.name))
    const beside = await inspectIfPresent(sidecar)
    const { Id, State } = await docker.getContainer(containerName(run, spec.name)).inspect()
    const tools = beside ? docker.getContainer(beside.Id) : undefined
    // A restarted engine starts machine and sidecar in any order, but the sidecar needs a running machine.
    if (tools && State.Running && !beside?.State.Running) await tools.start()
    return new Machine(spec, docker.getContainer(Id), ({ record }) => emit(record), tools)
  })
  return new Cluster({ run, folder, kubernetes, machines: await Promise.all(attached), timings: timings(speed), spare })
}

async function described(folder: string): Promise<z.infer<typeof description>> {
  try {
    return description.parse(JSON.parse(await readFile(join(folder, fileName), 'utf8')))
  } catch (cause) {
    throw new HoldfastError('HF_NO_CLUSTER', `Can't read the cluster description ${join(folder, fileName)}.`, {
      hint: 'Boot a new cluster with `npm run holdfast -- up`.',
      cause,
    })
  }
}
