import { checkLine, runChecks } from './checks/checks.ts'

const results = await runChecks((result) => console.log(checkLine(result)))
process.exitCode = results.every(({ ok }) => ok) ? 0 : 1
