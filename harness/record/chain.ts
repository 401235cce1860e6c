import { hash } from 'node:crypto'

/*
 * Each line of a journal ends in a hash of the line before and of its own JSON: a line that was removed, changed, repeated or
 * moved breaks the chain at its place. It detects loss and damage; it is no signature, because there is no key.
 */

const digits = 12
const key = ',"chain":"'
const ending = '"}'
const length = key.length + digits + ending.length

/** Gives each line its chain value. */
export class ChainWriter {
  #last = ''

  /** `json` is one object that is not empty; returns the line without its end. */
  link(json: string): string {
    this.#last = linked(this.#last, json)
    return `${json.slice(0, -1)}${key}${this.#last}${ending}`
  }
}

/** One line as it was before it was chained. */
export interface Link {
  readonly json: string
  /** Whether it continues the line before; undefined where it has no chain value. */
  readonly continues: boolean | undefined
}

/** Compares each line's chain value with the line before. */
export class ChainReader {
  #last = ''

  next(line: string): Link {
    const at = line.length - length
    if (!line.startsWith(key, at) || !line.endsWith(ending)) return { json: line, continues: undefined }
    const json = `${line.slice(0, at)}}`
    const value = line.slice(at + key.length, -ending.length)
    const continues = value === linked(this.#last, json)
    this.#last = value
    return { json, continues }
  }
}

function linked(last: string, json: string): string {
  return hash('sha256', last + json, 'hex').slice(0, digits)
}
