import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * What this process has in use once all garbage is collected, in bytes. What it has of the kernel is no sign of a leak: an
 * engine of this kind lets garbage lie for as long as there is room.
 */
export function memoryInUse(): { readonly bytes: number } {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return { bytes: heapUsed + external }
}
