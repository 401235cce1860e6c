import fc from 'fast-check'
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { Journal } from './journal.ts'
import { JournalReader, readJournal, type TornLine } from './read-journal.ts'
import type { JournalRecord } from './records.ts'
import { anyRecord } from './testing/arbitrary.ts'

const folder = mkdtempSync(join(tmpdir(), 'holdfast-journal-'))
afterAll(() => rmSync(folder, { recursive: true }))
let files = 0

function written(records: readonly JournalRecord[]): string {
  const path = join(folder, `${files++}.ndjson`)
  const journal = new Journal(path)
  for (const record of records) journal.write(record)
  journal.close()
  return path
}

const asStored = (records: readonly JournalRecord[]): unknown => JSON.parse(JSON.stringify(records))

test('reading returns the written records, for any chunk size', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(anyRecord, { minLength: 1 }),
      fc.integer({ min: 1, max: 300 }),
      async (records, chunk) => {
        const reader = new JournalReader(written(records), chunk)
        const read: JournalRecord[] = []
        for await (const batch of reader) read.push(...batch)
        expect(read).toEqual(asStored(records))
        expect(reader.torn).toBeUndefined()
      },
    ),
  )
})

test('a killed writer loses at most its last line, and the reader reports it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRecord, { minLength: 2, maxLength: 5 }), fc.nat(), async (records, cut) => {
      const path = written(records)
      const text = readFileSync(path)
      const lastLine = text.subarray(0, -1).lastIndexOf(0x0a) + 1
      const kept = lastLine + (cut % (text.length - lastLine))
      truncateSync(path, kept)
      let torn: TornLine | undefined
      const read = await readJournal(path, (line) => (torn = line))
      // Without only the line break, the record is complete.
      const whole = kept === text.length - 1
      expect(read).toEqual(asStored(whole ? records : records.slice(0, -1)))
      expect(torn).toEqual(whole || kept === lastLine ? undefined : { line: records.length, bytes: kept - lastLine })
    }),
  )
})

test('an invalid line is refused with its number, also the last one', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyRecord, { minLength: 1, maxLength: 5 }), fc.nat(), async (records, where) => {
      const path = written(records)
      const lines = readFileSync(path, 'utf8').trimEnd().split('\n')
      const n = where % (lines.length + 1)
      lines.splice(n, 0, '{"kind":"step","at":"noon"}')
      writeFileSync(path, `${lines.join('\n')}\n`)
      await expect(readJournal(path)).rejects.toMatchObject({
        code: 'HF_BAD_JOURNAL',
        message: expect.stringContaining(`:${n + 1} `) as string,
      })
    }),
  )
})

test('an empty file, or one with only an incomplete line, is no journal', async () => {
  for (const text of ['', '{"kind":"st']) {
    const path = join(folder, `${files++}.ndjson`)
    writeFileSync(path, text)
    await expect(readJournal(path)).rejects.toMatchObject({ code: 'HF_BAD_JOURNAL' })
  }
})

test('a journal with a newer schema is refused with its own code', async () => {
  const path = join(folder, `${files++}.ndjson`)
  writeFileSync(path, `${JSON.stringify({ kind: 'run', at: 0, schema: 3, run: 'later' })}\n`)
  await expect(readJournal(path)).rejects.toMatchObject({ code: 'HF_NEWER_JOURNAL' })
})
