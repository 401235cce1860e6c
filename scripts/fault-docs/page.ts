import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { format, resolveConfig } from 'prettier'
import { faultKinds } from '../../harness/faults/catalogue/catalogue.ts'
import type { AnyFaultKind } from '../../harness/faults/engine/fault-kind.ts'
import { optionDocs } from '../../harness/faults/catalogue/option-docs.ts'
import { targetHelp } from '../../harness/faults/targets/target-selector.ts'

export const faultsPage = 'docs/faults.md'
const from = '<!-- What follows is made from harness/faults by scripts/fault-docs.ts. -->'

/** Returns docs/faults.md: the hand-written part of the file, and every fault of the catalogue. */
export async function faultDocs(root: string): Promise<string> {
  const path = join(root, faultsPage)
  const [byHand = ''] = (await readFile(path, 'utf8')).split(from)
  const groups = [...Map.groupBy(faultKinds, ({ group }) => group)]
  const sections = groups.map(([group, kinds]) => `## ${group}\n\n${kinds.map(section).join('\n\n')}`)
  const text = `${byHand}${from}\n\n${sections.join('\n\n')}\n`
  return format(text, { ...(await resolveConfig(path)), parser: 'markdown' })
}

function section(kind: AnyFaultKind): string {
  const { name, describe, hits, evidence } = kind
  const options = optionDocs(kind).map(({ name: option, describe: what, default: value, required }) => {
    const unless = value === undefined ? (required ? 'required' : 'optional') : `default \`${value}\``
    return `  - \`${option}\`: ${what} (${unless})`
  })
  return [
    `### ${name}`,
    '',
    `${describe}.`,
    '',
    `- Target: ${hits} (${targetHelp[hits]})`,
    `- Effect confirmed when ${evidence.confirmed}.`,
    `- End confirmed when ${evidence.cleared}.`,
    ...(options.length > 0 ? ['- Options:', ...options] : []),
  ].join('\n')
}
