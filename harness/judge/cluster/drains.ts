import { durationMs } from '../../common/duration.ts'
import type { RecordOf } from '../../record/records.ts'
import { objects } from '../recording/kubernetes-objects.ts'
import type { Version } from '../recording/object-history.ts'
import type { Node } from '../recording/kubernetes-objects.ts'
import type { Recording } from '../recording/recording.ts'

/** One `kubectl drain` that was not interrupted. */
export interface Drain {
  readonly node: string
  /** When kubectl was started and when it returned. */
  readonly command: RecordOf<'command'>
  /** The state in which the Node became unschedulable. */
  readonly closed: Version<Node> | undefined
  /** When the Node became schedulable again; Infinity where it did not. */
  readonly openedAt: number
  /** Whether it ended by its own time limit. */
  readonly timedOut: boolean
}

/** Exit codes of a process that a shell, docker or a signal ended. */
const interruptedCodes = [130, 137, 143, 255]

/** Every recorded drain of a Node, in order. */
export function drains(recording: Recording): Drain[] {
  return recording.of('command').flatMap((command): Drain[] => {
    const node = drainedNode(command.argv)
    if (node === undefined || interruptedCodes.includes(command.exitCode)) return []
    const life = objects(recording, 'nodes').named('', node).at(-1)
    const closed = life?.first(({ spec }) => spec.unschedulable === true, command.at)
    const opened = closed && life?.first(({ spec }) => spec.unschedulable !== true, closed.at)
    const limitMs = timeLimitMs(command.argv)
    const timedOut = command.exitCode !== 0 && limitMs > 0 && command.endedAt - command.at >= limitMs
    return [{ node, command, closed, openedAt: opened?.at ?? Infinity, timedOut }]
  })
}

/** The first word after `drain` that is not an option. */
function drainedNode(argv: readonly string[]): string | undefined {
  const at = argv.indexOf('drain')
  if (argv[0] !== 'kubectl' || at < 0 || argv.some((word) => word.startsWith('--dry-run'))) return undefined
  return argv.slice(at + 1).find((word) => !word.startsWith('-'))
}

/** 0 without a limit, as in kubectl. */
function timeLimitMs(argv: readonly string[]): number {
  const option = argv.find((word) => word.startsWith('--timeout='))
  return option === undefined ? 0 : durationMs(option.slice('--timeout='.length), 's')
}

/** Recorded requests to evict a pod, in the order of arrival. `name` is the pod's. */
export function evictions(recording: Recording): RecordOf<'audit'>[] {
  return recording
    .of('audit')
    .filter((one) => one.verb === 'create' && one.resource === 'pods' && one.subresource === 'eviction')
}

/** The requests for one pod while a command ran. */
export function evictionsIn(
  recording: Recording,
  { at, endedAt }: RecordOf<'command'>,
  { namespace, name }: { readonly namespace: string; readonly name: string },
): RecordOf<'audit'>[] {
  return evictions(recording).filter(
    (one) => one.namespace === namespace && one.name === name && at <= one.at && one.at <= endedAt,
  )
}
