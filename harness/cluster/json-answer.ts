import { HoldfastError } from '../errors.ts'

const shownLetters = 200

/** The beginning of what was answered, for errors. */
export const beginningOf = (body: string): string => body.slice(0, shownLetters).trim()

/** Undefined for what is no JSON: a server that is full or starts, and a proxy, answer with text. */
export function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // Text is an answer too; callers that need JSON use `jsonIn`.
    return undefined
  }
}

/** What was answered, as JSON. @throws HoldfastError HF_NO_JSON with its status and its beginning when it is none */
export function jsonIn({ status, body }: { readonly status: number; readonly body: string }): unknown {
  const parsed = parsedJson(body)
  if (parsed !== undefined) return parsed
  throw new HoldfastError('HF_NO_JSON', `The answer ${status} is no JSON: "${beginningOf(body)}".`, {
    hint: 'Look at who answers at that address, and whether it is full or starts.',
  })
}
