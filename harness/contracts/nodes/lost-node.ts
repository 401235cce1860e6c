import { type FaultWindow, faultWindows } from '../../judge/fault-windows.ts'
import { hasCondition, type Node, objects } from '../../judge/kubernetes-objects.ts'
import type { Life, Version } from '../../judge/object-history.ts'
import type { Recording } from '../../judge/recording.ts'
import { requireEvidence } from '../../judge/inconclusive.ts'

export interface LostNode {
  readonly node: string
  readonly window: FaultWindow
  readonly life: Life<Node>
  /** The first state after the fault in which the Node's readiness is unknown. */
  readonly unknown: Version<Node> | undefined
}

/** The Node whose machine was lost. @throws InconclusiveError */
export function lostNode(recording: Recording): LostNode {
  const window = requireEvidence(
    faultWindows(recording).find(({ fault }) => fault === 'lose-machine'),
    'No machine was lost.',
  )
  const [node = ''] = window.target.machines
  const life = requireEvidence(objects(recording, 'nodes').named('', node).at(-1), `The Node ${node} was not watched.`)
  const unknown = life.first((object) => hasCondition(object, 'Ready', 'Unknown'), window.intentAt)
  return { node, window, life, unknown }
}
