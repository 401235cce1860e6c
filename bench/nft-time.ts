/** An odd number, so it has an inverse modulo every power of two; with 2^9 it makes a thousand million. */
const odd = 1_953_125n
/** Steps in which times can be told, in nanoseconds. */
const step = 512n
const bits = 55

/**
 * A wall-clock time for nft's `meta time`, which the kernel compares with nanoseconds and nft takes in whole seconds only: it multiplies
 * them in 64 bits, and with this many of them that comes to the time that is meant, rounded down to 512 ns.
 */
export function nftTime(nanoseconds: bigint): string {
  return String(BigInt.asUintN(bits, (nanoseconds / step) * inverse()))
}

/** By Newton: each turn has twice as many bits right. */
function inverse(): bigint {
  let found = odd
  for (let right = 3; right < bits; right *= 2) found = BigInt.asUintN(bits, found * (2n - odd * found))
  return found
}
