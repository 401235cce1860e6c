import { z } from 'zod'
import { recordSchema, schemaVersion } from '../../harness/record/records.ts'

/** The part of JSON Schema that the record kinds use. */
export interface Schema {
  readonly type?: string | readonly string[]
  readonly const?: string | number
  readonly enum?: readonly (string | number)[]
  readonly description?: string
  readonly properties?: Readonly<Record<string, Schema>>
  readonly required?: readonly string[]
  readonly items?: Schema
  readonly additionalProperties?: Schema | boolean
  readonly anyOf?: readonly Schema[]
}

/** Schema of one line of a journal: one of the record kinds. */
export interface JournalSchema {
  readonly $schema: string
  readonly title: string
  readonly oneOf: readonly Schema[]
}

/** Describes what a reader accepts. The reader ignores unknown keys, so the schema allows them. */
export function journalSchema(descriptions: ReadonlyMap<string, string>): JournalSchema {
  const { $schema = '', oneOf = [] } = z.toJSONSchema(recordSchema, { io: 'input' })
  const kinds = (oneOf as readonly Schema[]).map((kind) => {
    const description = descriptions.get(kindOf(kind))
    if (description === undefined) throw new Error(`the record kind "${kindOf(kind)}" has no doc comment`)
    return { description, ...kind }
  })
  return { $schema, title: `A line of a Holdfast journal, version ${schemaVersion}`, oneOf: kinds }
}

export function kindOf(schema: Schema): string {
  return String(schema.properties?.['kind']?.const ?? '')
}
