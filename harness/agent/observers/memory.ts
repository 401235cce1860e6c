import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'

/**
 * Returns the bytes that this process uses after garbage collection. Its resident memory does not show a leak, because the
 * JavaScript engine keeps garbage for as long as there is room.
 */
export function memoryInUse(): { readonly bytes: number } {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  collect()
  const { heapUsed, external } = process.memoryUsage()
  return { bytes: heapUsed + external }
}
