import { linearizable } from '../harness/judge/history/search/linearizability.ts'
import { search } from '../harness/judge/history/search/search.ts'
import { readHistories } from './history-file.ts'

/* Holdfast's side of `bench -- check`, as a process whose memory can be measured. Argument: FILE. */

const [file = ''] = process.argv.slice(2)
for (const history of await readHistories(file)) {
  const began = performance.now()
  let explored = 0
  const { check } = linearizable(history, (own) => {
    const found = search(own)
    explored = Math.max(explored, found.explored)
    return found
  })
  const ms = performance.now() - began
  console.log(JSON.stringify({ result: check.result, ms, explored, bytes: process.resourceUsage().maxRSS * 1024 }))
}
