import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize } from 'node:path/posix'
import { parseSync, type StaticExport, type StaticImport } from 'oxc-parser'

/** One import of one file by another, both as paths from the root of the project. */
export interface Import {
  readonly from: string
  readonly to: string
  readonly typeOnly: boolean
}

const folders = ['bench', 'examples', 'harness', 'reports', 'scenarios', 'scripts', 'suites']

/** Reads every relative import of the project, type imports and imports by tests included. */
export function importsOf(root: string): Import[] {
  const files = globSync(`{${folders.join(',')}}/**/*.{ts,tsx,mjs}`, { cwd: root })
  return files.flatMap((file) => readImports(file, readFileSync(join(root, file), 'utf8')))
}

/**
 * Reads the relative imports of one source text: import, export from, and import() with a constant path.
 * @throws when the text has a syntax error
 */
export function readImports(file: string, text: string): Import[] {
  const { module, errors } = parseSync(file, text)
  const [error] = errors
  if (error) throw new Error(`${file}: ${error.message}`)
  const imports: Import[] = []
  const add = (path: string, typeOnly: boolean): void => {
    if (path.startsWith('.')) imports.push({ from: file, to: normalize(join(dirname(file), path)), typeOnly })
  }
  // `import { type A }` is not type-only: it runs the file.
  const typeOnly = ({ start, entries }: StaticImport | StaticExport): boolean =>
    /^(import|export) type\b/.test(text.slice(start)) && entries.every(({ isType }) => isType)
  for (const statement of module.staticImports) add(statement.moduleRequest.value, typeOnly(statement))
  for (const statement of module.staticExports) {
    for (const { moduleRequest } of statement.entries) if (moduleRequest) add(moduleRequest.value, typeOnly(statement))
  }
  for (const { moduleRequest } of module.dynamicImports)
    add(text.slice(moduleRequest.start + 1, moduleRequest.end - 1), false)
  return imports
}

/** Whether a file is a test or a helper that only tests use. */
export const isTest = (path: string): boolean => /\.test\.ts$|\/testing\//.test(path)
