#!/usr/bin/env node
// The `holdfast` command: the command line, with the same set-up as the package's scripts.
process.argv.splice(2, 0, 'cli')
await import('./bootstrap.mjs')
