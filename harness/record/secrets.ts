/*
 * What a journal must never hold, whoever handed it in: it is shown to people, kept by CI and sent with bug reports.
 * Nothing that we record asks for secrets; this is the net below that, so it looks at lines and not at kinds.
 */

const withheld = '[withheld]'

/** In a JSON line a line break of a text is an escape, and one within JSON within JSON an escape of that. */
const pemBody = String.raw`(?:[\w+/=:,. -]|\\+[nrt])`

const patterns: readonly { readonly mark: string; readonly pattern: RegExp }[] = [
  {
    mark: 'PRIVATE KEY-----',
    pattern: new RegExp(
      `-----BEGIN [A-Z ]*PRIVATE KEY-----${pemBody}*?(?:-----END [A-Z ]*PRIVATE KEY-----|(?!${pemBody}))`,
      'g',
    ),
  },
  // The same in base64, as kubeconfigs and Secrets hold it: the text "-----BEGIN" and any kind of private key.
  {
    mark: 'LS0tLS1CRUdJTi',
    pattern:
      /LS0tLS1CRUdJTi(?:BQUklWQVRFIEtFWS|BFQyBQUklWQVRFIEtFWS|BSU0EgUFJJVkFURSBLRVkt|BFTkNSWVBURUQgUFJJVkFURSBLRVkt)[\w+/=]*/g,
  },
  // A JSON web token: three parts, of which the first two are JSON objects.
  { mark: 'eyJ', pattern: /eyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*/g },
  { mark: 'earer ', pattern: /\b([Bb]earer )(?!\[withheld\])[\w.~+/=-]{8,}/g },
]

/** One journal line without keys and tokens; JSON stays JSON. */
export function withoutSecrets(line: string): string {
  let clean = line
  for (const { mark, pattern } of patterns) {
    if (clean.includes(mark))
      clean = clean.replace(pattern, (_, kept: unknown) => (typeof kept === 'string' ? kept : '') + withheld)
  }
  return showsSecret(clean) ? withoutSecretObjects(clean) : clean
}

/** A Secret as an object of its own, or in what a command printed (JSON or YAML). */
function showsSecret(line: string): boolean {
  return line.includes('Secret') && /kind\\*"?: ?\\*"?Secret(?:List)?\b/.test(line)
}

/** The values are what is secret; where they stand in a text can't be told for sure, so the whole text goes. */
function withoutSecretObjects(line: string): string {
  return JSON.stringify(scrubbed(JSON.parse(line)))
}

function scrubbed(value: unknown): unknown {
  if (typeof value === 'string') return showsSecret(value) ? `${withheld} (it shows a Secret)` : value
  if (Array.isArray(value)) return value.map(scrubbed)
  if (typeof value !== 'object' || value === null) return value
  const secret = 'kind' in value && (value.kind === 'Secret' || value.kind === 'SecretList')
  const kept = Object.entries(value).filter(([key]) => !secret || !['data', 'stringData', 'items'].includes(key))
  return Object.fromEntries(kept.map(([key, inner]) => [key, scrubbed(inner)]))
}
