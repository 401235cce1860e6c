import { once } from 'node:events'
import { verdictOf } from '../../testing/verdict.ts'
import { hardJournal } from './hard-journal.ts'

/*
 * A judge in a process of its own: STORE CONTRACT WRITERS. It prints a line when the journal is ready, judges after it
 * reads a line, and prints the verdict with the CPU time and the elapsed time.
 */

const [store, contract = '', writers] = process.argv.slice(2)
const journal = hardJournal(store === 'etcd' ? 'etcd' : 'apiserver', Number(writers))
process.stdout.write('ready\n')
await once(process.stdin, 'data')
const [before, began] = [process.cpuUsage(), performance.now()]
const verdict = JSON.stringify(verdictOf(contract, journal))
const { user, system } = process.cpuUsage(before)
const took = { ranMs: (user + system) / 1000, tookMs: performance.now() - began }
process.stdout.write(`${JSON.stringify({ verdict, ...took })}\n`, () => process.exit())
