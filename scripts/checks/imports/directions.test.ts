import { describe, expect, test } from 'vitest'
import { violations } from './directions.ts'
import { readImports } from './read-imports.ts'

const judged = (from: string, text: string) => violations(readImports(from, text))

describe('finds a planted violation', () => {
  test.each([
    [
      'a judge that uses the cluster',
      'harness/judge/x.ts',
      "import { Machine } from '../cluster/machine.ts'",
      'harness/judge may not use harness/cluster',
    ],
    [
      'a report that uses a run',
      'reports/x.ts',
      "export { up } from '../harness/run/run.ts'",
      'reports may not use harness/run',
    ],
    [
      'a cluster that uses faults',
      'harness/cluster/x.ts',
      "import '../faults/lease.ts'",
      'harness/cluster may not use harness/faults',
    ],
    [
      'a dynamic import',
      'harness/traffic/x.ts',
      "const a = await import('../faults/lease.ts')",
      'harness/traffic may not use harness/faults',
    ],
    [
      'an import over several lines',
      'harness/cluster/a/x.ts',
      "import {\n  a,\n  b,\n} from '../../run/run.ts'",
      'harness/cluster may not use harness/run',
    ],
    [
      'a value where types are allowed',
      'harness/judge/x.ts',
      "import { a } from '../record/records.ts'",
      'may use only types',
    ],
    [
      'a test suite that uses the command line',
      'suites/x.ts',
      "import { a } from '../harness/cli/run.ts'",
      'suites may not use harness/cli',
    ],
    [
      'a test that uses the command line',
      'harness/judge/x.test.ts',
      "import { a } from '../cli/run.ts'",
      'may not use harness/cli',
    ],
    [
      'types of a folder that may not be used',
      'harness/cluster/x.ts',
      "import type { A } from '../run/run.ts'",
      'harness/cluster may not use harness/run',
    ],
    ['a folder without a rule', 'harness/new/x.ts', "import { a } from '../cli/run.ts'", 'has no rule'],
  ])('%s', (_, from, text, message) => {
    const [found, ...more] = judged(from, text)
    expect(found).toContain(message)
    expect(more).toEqual([])
  })
})

test.each([
  ['types of the record', 'harness/judge/x.ts', "import type { A } from '../record/records.ts'"],
  ['the errors', 'harness/judge/x.ts', "import { HoldfastError } from '../common/errors.ts'"],
  ['its own folder', 'harness/judge/x.ts', "import { a } from './y.ts'"],
  ['everything in a test', 'harness/judge/x.test.ts', "import { a } from '../faults/lease.ts'"],
  ['packages', 'reports/x.ts', "import Table from 'cli-table3'"],
])('allows %s', (_, from, text) => expect(judged(from, text)).toEqual([]))
