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
  [/testEffect/, 'takes effect'],
  [/stands still/, 'stops or does not change'],
  [/looks around|look-around/, 'takes a fault snapshot'],
  [/(?<!there )is none|no longer is/, 'a positive statement'],
]

/** Values of journals and verdicts, and an entry of /etc/passwd: these stay. */
const values = new RegExp(
  [
    /(?:cgroup|conntrack entry|file|iptables rule|nft table|process) of ours/,
    /a (?:cache|read) tells what was written|a loser is told of a conflict|all tell the same|as the watch says/,
    /compaction is said|no Service asks for any|the revision asked for|who did not lose wins/,
    /undecided (?:holds|undecided|violated)|nobody:\S+/,
  ]
    .map(({ source }) => source)
    .join('|'),
  'g',
)

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
