import { HoldfastError } from '../../common/errors.ts'
import type { Fault } from './fault.ts'

type Claimant = Pick<Fault, 'name' | 'claims'>

/** @throws HoldfastError HF_FAULTS_CLASH when another fault claims the same target */
export function refuseClash(fault: Claimant, others: readonly Claimant[]): void {
  for (const other of others) {
    const claim = clash(fault, other)
    if (claim === undefined) continue
    throw new HoldfastError(
      'HF_FAULTS_CLASH',
      `The faults ${fault.name} and ${other.name} exclude each other: both claim ${claim}.`,
      { hint: 'Revert one before injecting the other, or choose another target.', exitCode: 64 },
    )
  }
}

/** Returns the claim of a fault that conflicts with the other fault, or undefined. */
export function clash({ claims: wanted = [] }: Claimant, { claims: taken = [] }: Claimant): string | undefined {
  return wanted.find((one) => taken.some((other) => within(one, other) || within(other, one)))
}

/** `worker1/kubelet` is within `worker1`, and within itself. */
function within(part: string, whole: string): boolean {
  return part === whole || part.startsWith(`${whole}/`)
}
