import { createReadStream, createWriteStream } from 'node:fs'
import { once } from 'node:events'
import { readLines } from '../harness/common/lines.ts'
import type { Operation, Outcome, Refusal } from '../harness/judge/history/history.ts'

/* The file format of both judges: one operation per line, fields separated by tabs, an empty line after each history. */

export async function writeHistories(path: string, histories: readonly (readonly Operation[])[]): Promise<void> {
  const file = createWriteStream(path)
  for (const history of histories) {
    for (const one of history) {
      const end = one.end === Infinity ? '' : one.end
      const answer = [one.outcome, one.refusal, one.precondition, one.value, one.revision]
      if (!file.write(`${[one.client, one.key, one.kind, one.call, end, ...answer].join('\t')}\n`))
        await once(file, 'drain')
    }
    file.write('\n')
  }
  file.end()
  await once(file, 'close')
}

export async function readHistories(path: string): Promise<Operation[][]> {
  const histories: Operation[][] = []
  let history: Operation[] = []
  await readLines(createReadStream(path), (line) => {
    if (line === '') {
      histories.push(history)
      history = []
    } else history.push(operationOf(history.length, line))
  })
  return histories
}

function operationOf(id: number, line: string): Operation {
  const [client = '', key = '', kind = '', call, end, outcome = '', refusal = '', precondition, value = '', revision] =
    line.split('\t')
  return {
    id,
    client,
    key,
    kind: kind as Operation['kind'],
    call: Number(call),
    end: end === '' ? Infinity : Number(end),
    outcome: outcome as Outcome,
    refusal: refusal as Refusal,
    precondition: Number(precondition),
    value,
    revision: Number(revision),
  }
}
