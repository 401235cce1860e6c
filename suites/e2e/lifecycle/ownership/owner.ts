import { engine } from '../../../../harness/cluster/machine/engine.ts'
import { labels } from '../../../../harness/cluster/machine/labels.ts'
import { outliveEngine } from '../../../../harness/run/guardian/outlive-engine.ts'

/* Creates a run's objects and owns them until killed: `owner.ts RUN [keep]`. */

const [run = '', keep] = process.argv.slice(2)
const docker = await engine()
const all = { Labels: labels({ run, folder: '/nowhere' }) }
const name = `${run}-${process.pid}`
await docker.createNetwork({ Name: name, ...all })
await docker.createVolume({ Name: name, ...all })
await docker.createContainer({ Image: 'empty', Cmd: ['none'], name, ...all })
if (keep) await outliveEngine(run)
console.log('owns')
process.stdin.resume()
