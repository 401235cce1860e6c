import type { AnyContract as Contract, LegacyFinding as Finding } from '../../judge/bridge.ts'
import { type Interval, faultWindows, overlaps } from '../../judge/fault-windows.ts'
import { failed, timed } from '../../judge/bridge.ts'
import { strayAnswers } from '../../judge/proxy-rules/answers.ts'
import type { Looks } from '../../judge/proxy-rules/looks.ts'
import { differenceWords, portHistory } from '../../judge/proxy-rules/port-history.ts'
import { silences } from '../../judge/proxy-rules/silences.ts'
import type { ProxyMachine } from '../../judge/proxy-rules/service-port.ts'
import type { Recording } from '../../judge/recording.ts'
import { span } from '../../judge/scene.ts'
import { InconclusiveError } from '../../judge/inconclusive.ts'
import { counted, duration } from '../../judge/words.ts'
import type { RecordOf } from '../../record/records.ts'
import { rulesFollow } from '../bounds.ts'
import { outsideProbes } from './outside.ts'
import { machineOf, packetsSent, proxyScene, reference, type Scene, scenarios } from './scene.ts'

/** PROXY-01 */
export const follows: Contract = {
  id: 'PROXY-01',
  area: 'kube-proxy',
  promise: "Every Node's rules do with every Service's packets what its Services and EndpointSlices ask.",
  reference,
  // Wherever a sample is drawn the rules are looked at; where API servers are away too long, nobody knows what they should be.
  scenarios: [...scenarios, 'worked-example', 'kill-scheduler', 'drain-node'],
  judge(recording) {
    const scene = proxyScene(recording)
    const { machines, looksOf, excused } = scene
    const bound = rulesFollow(recording)
    const { from } = span(recording)
    const changes = portHistory(recording).filter(({ at }) => at > from).length
    if (changes === 0) throw new InconclusiveError('No Service and no endpoint changed.')
    let count = 0
    let oldest = { ms: 0, words: '', at: from }
    for (const { name } of machines) {
      const all = looksOf.get(name)
      for (const look of all?.looks ?? []) {
        if (look.at < from || excused(name, look.at)) continue
        count += 1
        for (const { difference, oldMs } of all?.lags(look) ?? []) {
          const words = differenceWords(difference)
          if (oldMs === undefined) {
            const since = all && sinceWords(all.seenSince(look, difference), from)
            return failed(`No Service ever asked for what was seen of ${words}${since}.`, {
              observed: `wrong rules on ${name}`,
              moments: [{ at: look.at, label: `wrong rules on ${name}` }],
            })
          }
          if (oldMs > oldest.ms) oldest = { ms: oldMs, words, at: look.at }
        }
      }
    }
    const packets = onTheWire(recording, scene)
    if ('status' in packets) return packets
    return timed(oldest.ms, bound, {
      observed: `${counted(count, 'look')} after ${counted(changes, 'change')}, none older than ${duration(oldest.ms)}`,
      pass: `Rules on ${counted(machines.length, 'Node')} did what was asked, or had been asked at most ${duration(oldest.ms)} before; ${packets.words}.`,
      late: `What was asked had been so for ${duration(oldest.ms)} and was not in force: ${oldest.words}.`,
      moments: oldest.ms > 0 ? [{ at: oldest.at, label: 'the oldest rules' }] : [],
    })
  },
}

/** `, since between 8 s and 9 s after the beginning` */
function sinceWords({ first, notAt }: ReturnType<Looks['seenSince']>, begun: number): string {
  const after = (at: number): string => duration(Math.max(0, at - begun))
  if (notAt === undefined) return `, since ${after(first)} after the beginning or before`
  return `, since between ${after(notAt)} and ${after(first)} after the beginning`
}

/** Rules may look right and do something else: what packets met has to be what was asked as well. */
function onTheWire(recording: Recording, scene: Scene): Finding | { readonly words: string } {
  const single = packetsSent(recording, scene)
  const wrong = single.find((sent) => sent.wrong !== undefined)
  if (wrong) {
    const moments = [{ at: wrong.record.at, label: 'a packet went wrong' }]
    return failed(`The rules look as asked, and packets say otherwise. ${wrong.wrong}`, {
      observed: 'a packet went wrong',
      moments,
    })
  }
  const sending = ({ from, at }: RecordOf<'attempt'>): ProxyMachine | undefined => {
    const name = machineOf(recording, from)
    return scene.excused(name, at) ? undefined : scene.machines.find((machine) => machine.name === name)
  }
  const { limit } = rulesFollow(recording)
  const attempts = recording.of('attempt')
  const { stray, judged } = strayAnswers(attempts, portHistory(recording), sending, limit)
  const [first] = stray
  if (first) {
    return failed(
      `A ${first.protocol} connection from ${first.from} to ${first.service} was answered by ${first.backend}, to which nothing sent it.`,
      { observed: counted(stray.length, 'stray answer'), moments: [{ at: first.at, label: 'a stray answer' }] },
    )
  }
  const [silence] = silences(attempts, portHistory(recording), sending, limit).filter(
    ({ from, until }) => !isCut(recording, { from, until }),
  )
  if (silence) {
    const { client, service, protocol, from, until, failed: many } = silence
    return failed(
      `The rules look as asked, and packets say otherwise. None of ${counted(many, `${protocol} connection`)} from ${client} to ${service} was answered in ${duration(until - from)}, and its endpoints were ready all the time.`,
      { observed: 'packets went nowhere', moments: [{ at: from, label: `${client} was not answered` }] },
    )
  }
  const answered = outsideProbes(recording).filter(({ attempt }) => attempt.ok)
  const astray = answered.find(({ attempt, endpoints }) => !endpoints.some(({ pod }) => pod === attempt.backend))
  if (astray) {
    const { protocol, to, service, backend, at } = astray.attempt
    return failed(
      `A ${protocol} connection from outside to ${to} (${service}) was answered by ${backend}, to which nothing sent it.`,
      { observed: 'a stray answer', moments: [{ at, label: 'a stray answer' }] },
    )
  }
  const all = judged + answered.length
  return { words: `${counted(single.length, 'single packet')} and ${counted(all, 'answered probe')} met the same` }
}

/** Whether a machine was hit as a whole, or cut off, in some time: where packets go then is no matter of rules. */
function isCut(recording: Recording, time: Interval): boolean {
  return faultWindows(recording).some((window) => {
    return window.target.component === undefined && overlaps({ ...window, from: window.intentAt }, time)
  })
}
