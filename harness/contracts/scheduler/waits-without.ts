import { bindings } from '../../judge/bindings.ts'
import { censusAround } from '../../judge/container-census.ts'
import type { Contract } from '../../judge/contract.ts'
import { failed, timed } from '../../judge/finding.ts'
import { certain, down, during, faultWindows, timesWhen } from '../../judge/fault-windows.ts'
import { objects } from '../../judge/kubernetes-objects.ts'
import { named, namespaceOf, span } from '../../judge/scene.ts'
import { Undecided, needSome } from '../../judge/undecided.ts'
import { needWatched } from '../../judge/watch-coverage.ts'
import { counted, duration, listed } from '../../judge/words.ts'
import { backlog } from '../bounds.ts'

/** SCHED-02 */
export const waitsWithout: Contract = {
  id: 'SCHED-02',
  area: 'scheduler',
  promise:
    'Without a scheduler new pods wait and running pods go on; when a scheduler is back, every pod that waited is placed.',
  reference: 'https://kubernetes.io/docs/tasks/debug/debug-cluster/',
  scenarios: ['kill-scheduler'],
  judge(recording) {
    const schedulers = named(recording, 'control-plane')
    const downs = down(faultWindows(recording), 'kube-scheduler', schedulers)
    const outages = timesWhen(downs, (machines) => schedulers.every((machine) => machines.has(machine)))
    const [outage] = needSome(outages, 'At no time were all schedulers down.')
    const fault = [...new Set(downs.map(({ window }) => window.words))].join('; ')
    const end = span(recording).until
    needWatched(recording, 'pods', outage.from, end)

    const bound = bindings(recording).filter((one) => one.bound && during(certain(outage), one.at))
    if (bound.length > 0) {
      return failed(
        `${listed(bound.map(({ pod, node, at }) => `${pod} was bound to ${node} ${duration(at - outage.from)}`))} after the last scheduler had gone.`,
        { observed: `${counted(bound.length, 'binding')} without a scheduler`, fault },
      )
    }
    const { containers, machines, lost } = censusAround(recording, outage)
    if (lost.length > 0) {
      return failed(`Without a scheduler ${listed(lost)} did not go on running.`, {
        observed: `${counted(lost.length, 'container')} ended`,
        fault,
      })
    }
    const waiting = objects(recording, 'pods')
      .in(namespaceOf(recording))
      .filter((life) => {
        const pod = life.at(outage.until)
        return pod && pod.spec.nodeName === undefined && pod.metadata.deletionTimestamp === undefined
      })
    needSome(waiting, 'No pod was waiting when the schedulers came back.')
    const limit = backlog(recording)
    let slowest = 0
    for (const life of waiting) {
      const placed = life.first(({ spec }) => spec.nodeName !== undefined)
      if (placed) slowest = Math.max(slowest, placed.at - outage.until)
      else if (end - outage.until > limit.limit) {
        return failed(`${life.name} still had no Node ${duration(end - outage.until)} after a scheduler was back.`, {
          observed: 'a pod left waiting',
          bound: limit,
          fault,
        })
      } else throw new Undecided(`The recording ends before ${life.name} had to be placed.`)
    }
    const outageMs = outage.until - outage.from
    return timed(slowest, limit, {
      observed: `${counted(waiting.length, 'pod')} waited ${duration(outageMs)}, placed ${duration(slowest)} after`,
      pass: `Nothing was bound in ${duration(outageMs)} without a scheduler, and ${counted(containers, 'container')} on ${counted(machines, 'machine')} ran on.`,
      late: `The last waiting pod was placed ${duration(slowest)} after a scheduler was back.`,
      fault,
      moments: [{ at: outage.until + slowest, label: 'backlog placed' }],
    })
  },
}
