/** What the style replaces, and what to write instead. A space also matches a line break inside a comment. */
const rules: readonly (readonly [words: RegExp, instead: string])[] = [
  [/tell|tells|telling|told/, 'report, record, state or show'],
  [/say|says|saying|said/, 'report, state or name'],
  [/ask|asks|asking|asked/, 'request, query or require'],
  [/hear|hears|hearing|heard/, 'receive or observe'],
  [/know|knows|knowing|knew/, 'have, find or detect'],
  [/who|whom|whoever|(?:nobody|somebody|anybody)(?:'s)?/, 'the name of the actor'],
  [/ours|theirs/, 'the name of the owner'],
  [/rigs?/, 'harness'],
  [/undecided/, 'inconclusive'],
  [/bites/, 'takes effect'],
  [/stands still/, 'stops or does not change'],
  [/looks around|look-around/, 'takes a fault snapshot'],
  [/(?<!there )is none|no longer is/, 'a positive statement'],
]

/** Kinds of residue in journals, whose values stay. */
const values = /(?:cgroup|conntrack entry|file|iptables rule|nft table|process) of ours/g

/** Finds the old idiom in a prose text and returns one line for each hit: place, words, what to write instead. */
export function idiomIn(file: string, prose: string): string[] {
  const text = prose.replaceAll(values, (value) => ' '.repeat(value.length))
  return rules.flatMap(([words, instead]) =>
    [...text.matchAll(wholeWords(words))].map(({ 0: found, index }) => {
      const line = text.slice(0, index).split('\n').length
      return `${file}:${line}: "${found.replaceAll(/\s[\s*/]*/g, ' ')}": write ${instead}`
    }),
  )
}

function wholeWords({ source }: RegExp): RegExp {
  return new RegExp(`(?<![\\w-])(?:${source.replaceAll(' ', String.raw`\s[\s*/]*`)})(?![\\w-])`, 'gi')
}
