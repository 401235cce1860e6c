/** What the style replaces, and what to write instead. A space also matches a line break inside a comment. */
const rules: readonly (readonly [words: RegExp, instead: string])[] = [
  [/tell|tells|telling|told/, 'report, record, state or show'],
  [/say|says|saying|said/, 'report, state or name'],
  [/whoever|(?:nobody|somebody|anybody)(?:'s)?/, 'the name of the actor'],
  [/of ours|of theirs/, 'the name of the owner'],
  [/rigs?/, 'harness'],
  [/undecided/, 'inconclusive'],
  [/bites/, 'takes effect'],
  [/stands still/, 'stops or does not change'],
  [/looks around|look-around/, 'takes a fault snapshot'],
  [/is none|no longer is/, 'a positive statement'],
]

/** Finds the old idiom in a prose text and returns one line for each hit: place, words, what to write instead. */
export function idiomIn(file: string, prose: string): string[] {
  return rules.flatMap(([words, instead]) =>
    [...prose.matchAll(wholeWords(words))].map(({ 0: found, index }) => {
      const line = prose.slice(0, index).split('\n').length
      return `${file}:${line}: "${found.replaceAll(/\s[\s*/]*/g, ' ')}": write ${instead}`
    }),
  )
}

function wholeWords({ source }: RegExp): RegExp {
  return new RegExp(`(?<![\\w-])(?:${source.replaceAll(' ', String.raw`\s[\s*/]*`)})(?![\\w-])`, 'gi')
}
