import { setTimeout as delay } from 'node:timers/promises'
import type Dockerode from 'dockerode'
import { startAgent } from '../../cluster/machine/agent-stream.ts'
import { engine } from '../../cluster/machine/engine.ts'
import { inspectIfPresent } from '../../cluster/machine/inspect-if-present.ts'
import { removeMachine } from '../../cluster/boot/join.ts'
import { containerName, runLabel, sidecarName } from '../../cluster/machine/labels.ts'
import { type Intent, Intents } from '../../faults/engine/intents.ts'
import type { Undo } from '../../faults/engine/undo.ts'
import { runInContainer } from '../../cluster/machine/run-in-container.ts'

/** Deadline for an agent to revert a fault. */
const settleMs = 30_000
/** An engine may still create a container for this long after the request. */
const stillMakingMs = 1_000

/**
 * Reverts faults of a dead harness from its intents, in this order: frozen machines, stopped machines, faults that agents hold,
 * machines that had joined, and commands. Removes an intent only after all of it is reverted.
 * @throws the first error, after everything was tried
 */
export async function undoIntents(
  run: string,
  folder: string,
  which: (intent: Intent) => boolean = () => true,
): Promise<number> {
  const docker = await engine()
  const store = new Intents(folder)
  store.sweep()
  const intents = store.all().filter(which)
  if (intents.length === 0) return 0
  const parts = partsOf(docker, run)
  const failed = new Map<string, unknown>()
  for (const kinds of order) {
    const steps = intents.flatMap((intent) =>
      intent.undo.filter(({ do: what }) => kinds.includes(what)).map((undo) => ({ intent, undo })),
    )
    await Promise.all(
      steps.map(async ({ intent: { id }, undo }) => {
        try {
          await carryOut(run, undo, await parts(undo.machine), id)
        } catch (error) {
          failed.set(id, error)
        }
      }),
    )
  }
  for (const { id } of intents) if (!failed.has(id)) store.remove(id)
  for (const error of failed.values()) throw error
  return intents.length
}

const order: readonly (readonly Undo['do'][])[] = [['unpause'], ['start'], ['agent'], ['remove'], ['exec']]

/** Thaws every machine of a run: faults of a frozen machine can't be reverted, and it can't be removed. */
export async function thawAll(run: string): Promise<void> {
  const docker = await engine()
  const filters = { label: [`${runLabel}=${run}`], status: ['paused'] }
  const paused = await docker.listContainers({ filters })
  await Promise.all(paused.map(({ Id }) => unpause(docker.getContainer(Id))))
}

/** A machine's container, and the container of its agent: the same, or the sidecar. */
interface Parts {
  readonly machine: Dockerode.Container
  readonly tools: Dockerode.Container
}

function partsOf(docker: Dockerode, run: string): (machine: string) => Promise<Parts> {
  return async (name) => {
    const machine = docker.getContainer(containerName(run, name))
    const sidecar = docker.getContainer(sidecarName(run, name))
    return { machine, tools: (await inspectIfPresent(sidecar)) ? sidecar : machine }
  }
}

async function carryOut(run: string, undo: Undo, { machine, tools }: Parts, id: string): Promise<void> {
  switch (undo.do) {
    case 'unpause':
    case 'start':
      return awake({ machine, tools })
    case 'remove':
      return removeForGood(run, undo.machine)
    case 'agent':
      await awake({ machine, tools })
      return awaitReverted(undo.machine, tools, id)
    case 'exec':
      return runInContainer(tools, undo.argv)
  }
}

/**
 * Makes a machine run: thaws it if it is frozen, and starts it if it is stopped, for example after the engine was killed. An
 * engine does not start frozen containers.
 */
async function awake({ machine, tools }: Parts): Promise<void> {
  for (const container of new Set([machine, tools])) {
    await unpause(container)
    // 304: it runs already.
    await ignoring([304], container.start())
  }
}

/** Removes a machine twice: a dead process's request to create it may still be in progress. */
async function removeForGood(run: string, machine: string): Promise<void> {
  await removeMachine(run, machine)
  await delay(stillMakingMs)
  await removeMachine(run, machine)
}

async function unpause(container: Dockerode.Container): Promise<void> {
  const { State } = await container.inspect()
  // Another process may have thawed it after the inspection.
  if (State.Paused) await ignoring([409, 500], container.unpause())
}

async function awaitReverted(machine: string, container: Dockerode.Container, id: string): Promise<void> {
  const { connection } = await startAgent(container, machine, () => undefined)
  try {
    await connection.call('awaitReverted', { appliedFaults: [id], withinMs: settleMs })
  } finally {
    connection.close()
  }
}

async function ignoring(codes: readonly number[], done: Promise<unknown>): Promise<void> {
  try {
    await done
  } catch (error) {
    const { statusCode = 0 } = error as { statusCode?: number }
    if (!codes.includes(statusCode)) throw error
  }
}
