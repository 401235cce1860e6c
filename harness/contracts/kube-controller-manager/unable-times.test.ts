import { expect, test } from 'vitest'
import { during } from '../../judge/faults/fault-windows.ts'
import { recordings } from '../../judge/recording/recording.ts'
import { JournalBuilder } from '../../judge/testing/journal-builder.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import type { FaultTarget } from '../../record/records.ts'
import { unableTimes } from './unable-times.ts'

type DeclaredFault = readonly [fault: string, target: FaultTarget, from: number, until?: number]

function unableAt(t: number, ...faults: readonly DeclaredFault[]): boolean {
  const builder = new JournalBuilder('worked-example')
  for (const [n, [fault, target, from, until]] of faults.entries()) builder.fault(`f${n}`, fault, target, from, until)
  const [recording] = recordings(builder.journal(1_000_000))
  if (!recording) throw new Error('no recording')
  return unableTimes(recording, 'kube-controller-manager').some((time) => during(time, start + t))
}

const on = (component: string, ...machines: string[]): FaultTarget => ({ component, machines })
const all = ['control-plane1', 'control-plane2']

const cases: readonly (readonly [string, boolean, ...DeclaredFault[]])[] = [
  ['every controller manager', true, ['stop', on('kube-controller-manager', ...all), 10_000]],
  ['every API server', true, ['kill', on('kube-apiserver', ...all), 10_000]],
  ['a majority of etcd', true, ['kill', on('etcd', 'etcd1', 'etcd3'), 10_000]],
  ['etcd as a whole, slowed by one member', true, ['slow-disk', on('etcd', 'etcd1'), 10_000]],
  ['all control-plane machines', true, ['lose-machine', { machines: all }, 10_000]],
  [
    'one controller manager and the API server of the other',
    true,
    ['pause', on('kube-controller-manager', 'control-plane1'), 10_000],
    ['pause', on('kube-apiserver', 'control-plane2'), 11_000],
  ],
  ['one controller manager', false, ['kill', on('kube-controller-manager', 'control-plane1'), 10_000]],
  ['a minority of etcd', false, ['kill', on('etcd', 'etcd1'), 10_000]],
  ['every scheduler', false, ['stop', on('kube-scheduler', ...all), 10_000]],
  ['a worker', false, ['lose-machine', { machines: ['worker1'] }, 10_000]],
  ['pods', false, ['delete-pods', { machines: [], pods: { namespace: 'n', selector: 'app=a' } }, 10_000]],
  ['a cordon', false, ['cordon', { machines: all }, 10_000]],
]

test.each(cases.map(([what, unable, ...faults]) => ({ what, unable, faults })))(
  'long after a fault on $what: $unable',
  ({ unable, faults }) => {
    expect(unableAt(200_000, ...faults)).toBe(unable)
  },
)

test('after each change there is a limited time to recover', () => {
  const killed: DeclaredFault = ['kill', on('kube-controller-manager', 'control-plane1'), 10_000, 100_000]
  // A takeover of 23.8 s, and 9 s until etcd confirms writes again.
  const recoveryMs = 32_800
  for (const edge of [10_000, 100_000]) {
    expect(unableAt(edge + recoveryMs - 50, killed)).toBe(true)
    expect(unableAt(edge + recoveryMs + 50, killed)).toBe(false)
  }
})
