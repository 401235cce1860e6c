/** Odd, so it has an inverse modulo every power of two; times 2^9 it is a thousand million. */
const odd = 1_953_125n
/** Resolution of a time in nanoseconds. */
const step = 512n
const bits = 55

/**
 * Converts a wall-clock time to a value for nft's `meta time`, rounded down to 512 ns. The kernel compares nanoseconds, but nft
 * accepts only whole seconds and multiplies them in 64 bits: this value overflows to the given time.
 */
export function nftTime(nanoseconds: bigint): string {
  return String(BigInt.asUintN(bits, (nanoseconds / step) * inverse()))
}

/** Newton's method: each iteration doubles the number of correct bits. */
function inverse(): bigint {
  let found = odd
  for (let right = 3; right < bits; right *= 2) found = BigInt.asUintN(bits, found * (2n - odd * found))
  return found
}
