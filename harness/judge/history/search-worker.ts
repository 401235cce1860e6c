import { workerData } from 'node:worker_threads'
import { search } from './search.ts'
import type { SearchTask } from './search-within.ts'

/* The thread of one search: see searchWithin. */

const { operations, port, answered, timeMs, memoryMB } = workerData as SearchTask
const bytesEach = 400 + operations.length / 4
const until = performance.now() + timeMs
const found = search(operations, {
  maxConfigurations: Math.floor((memoryMB * 1e6) / bytesEach),
  spent: () => performance.now() > until,
})
port.postMessage(found)
Atomics.store(answered, 0, 1)
Atomics.notify(answered, 0)
