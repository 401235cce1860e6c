import { defineContract } from '../../judge/contract.ts'
import { watchedOf } from '../../judge/history/from-recording.ts'
import type { StreamEvent } from '../../judge/history/watches/streams.ts'
import { brokenGuarantees } from '../../judge/history/watches/watch-guarantees.ts'
import { findings } from '../../judge/verdict/finding.ts'
import { counted } from '../../judge/verdict/format.ts'
import { marksOf } from '../consistency/client-watches.ts'
import { noViolation, violated } from '../consistency/violations.ts'

const found = findings({
  BOOKMARKS_TRUE: ({ bookmarks }: { readonly bookmarks: number }) =>
    `No change up to a bookmark's revision followed any of ${counted(bookmarks, 'bookmark')}.`,
})

export const bookmarks = defineContract<StreamEvent>({
  id: 'API-06',
  area: 'kube-apiserver',
  promise: "After a bookmark a watch reports no change up to the bookmark's resource version.",
  reference: 'https://kubernetes.io/docs/reference/using-api/api-concepts/#watch-bookmarks',
  stimulus: {
    needs: 'a bookmark in a watch of an API server',
    find: (recording) => marksOf(watchedOf(recording, 'apiserver').streams),
  },
  judge(recording, marks) {
    const watched = watchedOf(recording, 'apiserver')
    const marked = watched.streams.filter((stream) => marksOf([stream]).length > 0)
    const broken = brokenGuarantees(marked, watched.log).filter(({ rule }) => /bookmarkable|reliable/.test(rule))
    return (
      violated(broken) ??
      found.pass(
        'BOOKMARKS_TRUE',
        { bookmarks: marks.length },
        { observed: counted(marks.length, 'true bookmark'), ...noViolation },
      )
    )
  },
})
