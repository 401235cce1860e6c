import { parseSync, Visitor } from 'oxc-parser'

/** Words of old names. They count as whole camel-case words: `/ask/` finds `askEveryMs`, not `task`. */
const rules: readonly (readonly [words: RegExp, instead: string])[] = [
  [/ask|asks|asked|asking|asker/, 'request, call, query or read'],
  [/say|says|said|saying|tell|tells|told/, 'print, report or record'],
  [/hear|hears|heard|hearing/, 'receive or observe'],
  [/who|whom|nobody|somebody|ours|theirs/, 'the name of the actor or owner'],
  [/patience/, 'timeoutMs or waitOptions'],
  [/look|looks|looked|looking/, 'read, snapshot or style'],
  [/play|plays|played|playing/, 'run'],
  [/wedged/, 'unresponsive'],
  [/lie|lies|lying/, 'faulty'],
  [/rig|rigs/, 'harness'],
  [/trouble|troubles/, 'error or disruption'],
  [/undecided|unsure/, 'inconclusive'],
  [/apart/, 'standalone'],
  [/stage|story|stories|surroundings/, 'context or sample'],
  [/conductor|crooked|stranger|strangers/, 'context, error or the name of the actor'],
]

/** Fields of journals and values of verdicts stay: the files that may use each name. */
const fields = new Map([
  ['apart', /run\.ts$|fault-targets|html\/cluster\.ts$|synthetic-journal|k3s\.test\.ts$/],
  ['asked', /kinds\/history\.ts$|expired-requests|from-recording|-lists\.ts$/],
  ['looks', /PROXY-0[13]|kube-proxy\.test\.ts$/],
  ['rig', /records\.ts$|kinds\/run\.ts$|exit-code\.test\.ts$|judge\.test\.ts$/],
  ['stageTimestamp', /audit-log\.ts$/],
  ['trouble', /SYS-01/],
  ['undecided', /bench\/check\.ts$/],
])

/** Finds old words in the names of a script, and returns one line for each name: place, name, what to write instead. */
export function oldNamesIn(file: string, text: string): string[] {
  if (!/\.[cm]?[jt]sx?$/.test(file)) return []
  const found = new Map<string, string>()
  const check = ({ name, start }: { readonly name: string; readonly start: number }): void => {
    const instead = replacementFor(name)
    if (instead === undefined || found.has(name) || fields.get(name)?.test(file)) return
    const line = text.slice(0, start).split('\n').length
    found.set(name, `${file}:${line}: name "${name}": write ${instead}`)
  }
  new Visitor({ Identifier: check, PrivateIdentifier: check }).visit(parseSync(file, text).program)
  return [...found.values()]
}

function replacementFor(name: string): string | undefined {
  const words = wordsOf(name)
  return rules.find(([{ source }]) => words.some((word) => source.split('|').includes(word)))?.[1]
}

/** The camel-case words of a name. A name in capitals is a finding's code, which is stable. */
function wordsOf(name: string): string[] {
  if (!/[a-z]/.test(name)) return []
  return name.split(/[^A-Za-z]+|(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])/).map((word) => word.toLowerCase())
}
