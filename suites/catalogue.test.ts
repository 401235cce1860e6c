import { join } from 'node:path'
import { expect, inject, test } from 'vitest'
import { contracts } from '../harness/contracts/catalogue.ts'
import { judge } from '../harness/judge/judge.ts'
import { readJournal } from '../harness/record/read-journal.ts'

/* What was listed was judged: a contract that nobody decided is not a contract that was kept. */

test('every contract of the catalogue was decided on at least one recording', async () => {
  const verdicts = judge(await readJournal(join(inject('runFolder'), 'journal.ndjson')))
  const decided = new Set(
    verdicts.filter(({ status }) => status !== 'invalid' && status !== 'inconclusive').map(({ contract }) => contract),
  )
  expect(contracts.map(({ id }) => id).filter((id) => !decided.has(id))).toEqual([])
})

test('the same journal gives the same verdicts', async () => {
  const records = await readJournal(join(inject('runFolder'), 'journal.ndjson'))
  expect(JSON.stringify(judge(records))).toBe(JSON.stringify(judge(records)))
})
