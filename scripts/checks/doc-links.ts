import { existsSync, globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path'

/** A link or a path in a Markdown file that leads nowhere, with the file and the line. */
interface BrokenLink {
  readonly file: string
  readonly line: number
  readonly target: string
}

/** Folders whose paths documentation names in code marks. */
const sources = /^(?:bench|docs|examples|harness|reports|scenarios|scripts|suites)\/[\w./*-]+$/

/** Finds links within the project without a target, and paths in code marks that do not exist. Both relative to `root`. */
export function brokenLinks(root: string, files: readonly string[]): BrokenLink[] {
  return files.flatMap((file) =>
    readFileSync(join(root, file), 'utf8')
      .split('\n')
      .flatMap((text, index) => brokenIn(root, file, text).map((target) => ({ file, line: index + 1, target }))),
  )
}

function brokenIn(root: string, file: string, text: string): string[] {
  const links = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target)
  const paths = [...text.matchAll(/`([^`\s]+)`/g)].map(([, path = '']) => path)
  return [
    ...links.filter((target) => !/^https?:/.test(target) && !leadsSomewhere(root, file, target)),
    ...paths.filter((path) => sources.test(path) && !isThere(root, path)),
  ]
}

function leadsSomewhere(root: string, file: string, target: string): boolean {
  const [path = '', anchor] = target.split('#')
  const found = path === '' ? file : normalize(join(dirname(file), path))
  if (!existsSync(join(root, found))) return false
  return anchor === undefined || anchorsOf(readFileSync(join(root, found), 'utf8')).has(anchor)
}

// What a run writes exists only after a run.
const isThere = (root: string, path: string): boolean =>
  path.startsWith('reports/out/') || globSync(path.replace(/\/$/, ''), { cwd: root }).length > 0

/** Anchors as GitHub derives them from headings. */
function anchorsOf(markdown: string): Set<string> {
  const headings = [...markdown.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => heading)
  return new Set(
    headings.map((text) =>
      text
        .toLowerCase()
        .replace(/[^\w\- ]/g, '')
        .replaceAll(' ', '-'),
    ),
  )
}
