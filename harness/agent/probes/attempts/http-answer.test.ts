import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Outcome } from './attempt.ts'
import { firstAnswer } from './http-answer.ts'

const name = fc.string({ unit: fc.constantFrom('a', 'b', '-', '1'), minLength: 1, maxLength: 12 })
const answer = (body: string): string =>
  `HTTP/1.1 200 OK\r\nDate: today\r\nContent-Length: ${body.length}\r\nContent-Type: text/plain\r\n\r\n${body}`

test('answers of a kept connection are separated, at any chunk boundaries', () => {
  fc.assert(
    fc.property(fc.array(name, { minLength: 1, maxLength: 8 }), fc.array(fc.nat(200)), (names, cuts) => {
      const stream = names.map(answer).join('')
      const outcomes: Outcome[] = []
      let text = ''
      let at = 0
      for (const cut of [...cuts, stream.length]) {
        text += stream.slice(at, at + cut)
        at += cut
        for (let next = firstAnswer(text); next; next = firstAnswer(text)) {
          outcomes.push(next.outcome)
          text = next.rest
        }
      }
      expect(outcomes).toEqual(names.map((backend) => ({ backend })))
      expect(text).toBe('')
    }),
  )
})
