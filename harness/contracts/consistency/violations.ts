import type { Finding } from '../../judge/contract.ts'
import { type Drawing, draw as drawingOf } from '../../judge/history/draw.ts'
import type { Violation } from '../../judge/history/history.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import type { JournalRecord } from '../../record/records.ts'
import { noException } from '../bounds.ts'

/** Finding codes by the rule that a history checker reports. */
const codes: Readonly<Record<string, string>> = {
  'a cache tells what was written': 'CACHED_READ_NOT_WRITTEN',
  'a loser is told of a conflict': 'CONFLICT_NOT_REPORTED',
  'a read tells what was written': 'READ_NOT_WRITTEN',
  'all members hold the same': 'MEMBERS_DIFFER',
  'all tell the same': 'REPORTS_DIFFER',
  'as the watch says': 'LIST_DIFFERS',
  atomic: 'TRANSACTION_TORN',
  bookmarkable: 'BOOKMARK_UNTRUE',
  'compaction is said': 'COMPACTION_NOT_REPORTED',
  'gone only when it is due': 'EXPIRED_EARLY',
  'later is later': 'STALE_READ',
  'no lost update': 'UPDATE_LOST',
  'no read goes back': 'STALE_LIST',
  'nothing creates itself': 'UNREQUESTED_OBJECT',
  'nothing is invented': 'EVENT_INVENTED',
  'one owner at a time': 'ADDRESS_SHARED',
  'one request creates one object': 'OBJECT_CREATED_TWICE',
  'one snapshot': 'LIST_TORN',
  'one store counts all writes': 'REVISIONS_OUT_OF_ORDER',
  'one write, one revision': 'REVISION_NOT_UNIQUE',
  ordered: 'EVENTS_OUT_OF_ORDER',
  reliable: 'EVENT_LOST',
  resumable: 'EVENT_BEFORE_START',
  'some order explains it': 'NOT_LINEARIZABLE',
  'the revision asked for': 'LIST_OF_OTHER_REVISION',
  unique: 'EVENT_REPEATED',
  'what is confirmed is there': 'CREATED_OBJECT_MISSING',
  'what is refused is not there': 'REFUSED_OBJECT_PRESENT',
  'who did not lose wins': 'CONFLICT_WITHOUT_RIVAL',
}

interface Broken {
  readonly rule: string
  /** The first violation as a sentence. */
  readonly first: string
  readonly violations: number
}

const sentence = ({ rule, first, violations }: Broken): string =>
  `${first} [${rule}]${violations > 1 ? ` (${counted(violations - 1, 'more violation')})` : ''}.`

const found = findings<Record<string, (values: Broken) => string>>(
  Object.fromEntries([...Object.values(codes), 'RULE_BROKEN'].map((code) => [code, sentence])),
)

/**
 * Returns the failure of a contract that a violation breaks, or undefined without violations. `draw` draws how it
 * broke; without a drawing the operations of the first violation are drawn.
 */
export function violated(
  violations: readonly Violation[],
  {
    draw,
    evidence = [],
  }: { readonly draw?: () => Drawing | undefined; readonly evidence?: readonly JournalRecord[] } = {},
): Finding | undefined {
  const [first] = violations
  if (!first) return undefined
  const shown = draw?.() ?? (first.sights && drawingOf(first.sights))
  return found.fail(
    codes[first.rule] ?? 'RULE_BROKEN',
    { rule: first.rule, first: first.description, violations: violations.length },
    {
      observed: counted(violations.length, 'violation'),
      measured: violations.length,
      bound: noException,
      evidence,
      ...(shown === undefined ? {} : { drawing: shown }),
    },
  )
}

/** Details of a pass that allows no exception. */
export const noViolation = { measured: 0, bound: noException } as const
