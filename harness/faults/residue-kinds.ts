import { unreadable } from '../cluster/unreadable.ts'

/*
 * What may be made of a difference, by its kind. The agent's residue.ts and audit.ts name them; those of ours are what nobody
 * but a fault makes.
 */

/**
 * Ends with the call that takes it away: waiting for it would be waiting for nothing. Of ours a process or a file may be there
 * a moment longer, and a marked connection until it is forgotten; an agent goes on trying to give back a lease, a guardian takes
 * away the intent of a harness that died, and a loop device is held by whoever looks at it.
 */
const lasting: readonly string[] = ['cgroup of ours', 'nft table of ours', 'iptables rule of ours']

/**
 * Others make it and take it away by themselves: runc freezes a container while it ends its processes, and controllers taint.
 * What could not be read may be read a moment later.
 */
const passing: readonly string[] = ['frozen cgroup', 'stopped process', 'taint by condition', unreadable]

/** A fault's own, whatever it is called. */
const ours = /( of ours|^lease|^intent|^loop device)$/

export const isLasting = (what: string): boolean => lasting.includes(what)
export const isPassing = (what: string): boolean => passing.includes(what)
/** Whether it is missed when it was there and is gone. */
export const isMissed = (what: string): boolean => !isPassing(what) && !ours.test(what)
