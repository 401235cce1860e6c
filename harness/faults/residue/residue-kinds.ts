import { unreadable } from '../../common/unreadable.ts'

/*
 * How the residue check treats each kind of difference. The agent's residue.ts and residue-check.ts name the kinds; kinds that end in `of ours` are
 * created only by faults.
 */

/**
 * Kinds that disappear only with the call that removes them, so that waiting is useless. Other kinds of Holdfast's may last a
 * moment longer: an agent retries a reversal, a guardian removes intents, a reader holds a loop device open.
 */
const permanent: readonly string[] = ['cgroup of ours', 'nft table of ours', 'iptables rule of ours']

/**
 * Transient kinds of other programs: runc freezes a container while it kills its processes, and controllers set taints. A
 * failed read may succeed a moment later.
 */
const passing: readonly string[] = ['frozen cgroup', 'stopped process', 'taint by condition', unreadable]

/** Kinds that only faults create. */
const isHoldfastKind = /( of ours|^lease|^intent|^loop device)$/

export const isPermanent = (what: string): boolean => permanent.includes(what)
export const isPassing = (what: string): boolean => passing.includes(what)
/** Whether a missing entry is a difference. */
export const isMissed = (what: string): boolean => !isPassing(what) && !isHoldfastKind.test(what)
