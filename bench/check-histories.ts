import { linearizable } from '../harness/judge/history/linearizability.ts'
import { search } from '../harness/judge/history/search.ts'
import { readHistories } from './history-file.ts'

/* Our side of `bench -- check`, in a process of its own so that its memory can be told: FILE SECONDS MEGABYTES. */

const [file = '', seconds, megabytes] = process.argv.slice(2)
for (const history of await readHistories(file)) {
  const began = performance.now()
  const until = began + Number(seconds) * 1000
  const maxConfigurations = (Number(megabytes) * 1e6) / 500
  const { check } = linearizable(history, (own) =>
    search(own, { maxConfigurations, spent: () => performance.now() > until }),
  )
  const ms = performance.now() - began
  console.log(JSON.stringify({ result: check.result, ms, bytes: process.resourceUsage().maxRSS * 1024 }))
}
