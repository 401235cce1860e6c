import { byKey, formatOperation, isWrite, type Operation, sightOf, type Violation } from './history.ts'

/**
 * Of the writers that require the same revision one wins: no write overwrites a revision that its client has not read,
 * every other writer receives a conflict, and only these writers do.
 */
export function lostUpdates(operations: readonly Operation[]): Violation[] {
  return [...byKey(operations).values()].flatMap((own) => [...sharedWins(own), ...falseRefusals(own)])
}

function sharedWins(own: readonly Operation[]): Violation[] {
  const confirmed = own.filter((one) => isWrite(one) && one.outcome === 'ok' && one.revision > 0)
  const revisions = confirmed.map(({ revision }) => revision).sort((a, b) => a - b)
  const winners = new Map<number, Operation>()
  const violations: Violation[] = []
  for (const one of confirmed) {
    if (one.precondition === 0) continue
    const other = winners.get(one.precondition)
    if (other) violations.push(broken('no lost update', `both won from ${one.precondition}`, other, one))
    winners.set(one.precondition, one)
    const overwritten = revisions.find((revision) => revision > one.precondition && revision < one.revision)
    const unseen = confirmed.find(({ revision }) => revision === overwritten)
    if (unseen) violations.push(broken('no lost update', 'the second overwrote the first unseen', unseen, one))
  }
  return violations
}

function falseRefusals(own: readonly Operation[]): Violation[] {
  const violations: Violation[] = []
  for (const one of own) {
    if (one.precondition === 0 || one.outcome !== 'refused' || one.refusal === '') continue
    if (one.refusal === 'exists')
      violations.push(broken('a loser is told of a conflict', 'received another answer than a conflict', one))
    const rival = own.some(
      (other) =>
        other !== one &&
        isWrite(other) &&
        (other.outcome === 'unknown' ||
          (other.outcome === 'ok' && (other.revision === 0 || other.revision > one.precondition))) &&
        other.call <= one.end,
    )
    if (!rival) violations.push(broken('who did not lose wins', `no other client wrote after ${one.precondition}`, one))
  }
  return violations
}

function broken(rule: string, what: string, ...operations: readonly Operation[]): Violation {
  return {
    rule,
    description: `${operations.map((one) => `"${formatOperation(one)}"`).join(' and ')}: ${what}`,
    operations: operations.map(({ id }) => id),
    sights: operations.map((one) => sightOf(one)),
  }
}
