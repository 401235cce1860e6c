import { HoldfastError } from './errors.ts'

const shownLetters = 200

/** Returns the beginning of an answer, for errors. */
export const beginningOf = (body: string): string => body.slice(0, shownLetters).trim()

/** Undefined for text that is not JSON: proxies, and starting or overloaded servers, answer with text. */
export function parsedJson(body: string): unknown {
  try {
    return JSON.parse(body)
  } catch {
    // Text is a valid answer too; callers that need JSON use `jsonIn`.
    return undefined
  }
}

/** Parses an answer as JSON. @throws HoldfastError HF_NO_JSON with its status and its beginning when it is not JSON */
export function jsonIn({ status, body }: { readonly status: number; readonly body: string }): unknown {
  const parsed = parsedJson(body)
  if (parsed !== undefined) return parsed
  throw new HoldfastError('HF_NO_JSON', `The answer ${status} is not JSON: "${beginningOf(body)}".`, {
    hint: 'Check which server answers at that address, and whether it is overloaded or starting.',
  })
}
