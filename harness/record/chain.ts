import { hash } from 'node:crypto'

/*
 * Each line of a journal ends in a hash of the previous line's hash and its own JSON: a removed, changed, repeated or moved line breaks
 * the chain there. The chain detects loss and damage; without a key it is no signature.
 */

const digits = 12
const key = ',"chain":"'
const ending = '"}'
const length = key.length + digits + ending.length

/** Adds the chain value to each line. No kind of record has a field of its name: a reader's schemas drop it. */
export class ChainWriter {
  #last = ''

  /** Takes one non-empty object; returns the line without a line break. */
  link(json: string): string {
    this.#last = linked(this.#last, json)
    return `${json.slice(0, -1)}${key}${this.#last}${ending}`
  }
}

/** Compares each line's chain value with the line before. */
export class ChainReader {
  #last = ''

  /** Whether the chain value of a line matches the line before; undefined without a chain value. */
  continues(line: string): boolean | undefined {
    const at = line.length - length
    if (!line.startsWith(key, at) || !line.endsWith(ending)) return undefined
    const value = line.slice(at + key.length, -ending.length)
    const matches = value === linked(this.#last, `${line.slice(0, at)}}`)
    this.#last = value
    return matches
  }
}

function linked(last: string, json: string): string {
  return hash('sha256', last + json, 'hex').slice(0, digits)
}
