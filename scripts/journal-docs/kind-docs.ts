import { type JournalSchema, kindOf, type Schema } from './schema.ts'

/** Writes a section for each record kind: description, and a table of its fields. */
export function kindDocs({ oneOf }: JournalSchema): string {
  return `${oneOf.map(formatKind).join('\n\n')}\n`
}

function formatKind(kind: Schema): string {
  const rows = fields(kind, '').filter(([name]) => name !== 'kind')
  const table = ['| field | type |', '| --- | --- |', ...rows.map(([name, type]) => `| \`${name}\` | ${type} |`)]
  return `### \`${kindOf(kind)}\`\n\n${kind.description ?? ''}\n\n${table.join('\n')}`
}

/** Lists fields in their order; fields of nested objects follow with their whole path. */
function fields({ properties = {}, required = [] }: Schema, prefix: string): [name: string, type: string][] {
  return Object.entries(properties).flatMap(([key, schema]) => {
    const name = prefix + key
    const optional = required.includes(key) ? '' : ', optional'
    const own: [string, string] = [name, formatType(schema) + optional]
    const inner = schema.items?.properties ? fields(schema.items, `${name}[].`) : fields(schema, `${name}.`)
    return [own, ...inner]
  })
}

function formatType({ type, const: value, enum: values, items, additionalProperties, anyOf }: Schema): string {
  if (value !== undefined) return `\`${value}\``
  if (values) return values.map((one) => `\`${one}\``).join(' ')
  if (anyOf) return anyOf.map(formatType).join(' or ')
  if (items) return `list of ${formatType(items)}`
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0)
    return `object of ${formatType(additionalProperties)}`
  return Array.isArray(type) ? type.join(' or ') : String(type ?? 'anything')
}
