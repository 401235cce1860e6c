import { expect, test } from 'vitest'
import type { FaultTarget, JournalRecord } from '../../record/records.ts'
import type { ProxySample } from '../../judge/testing/proxy-sample.ts'
import { kubeProxyRules } from '../../judge/testing/proxy-sample.ts'
import { start } from '../../judge/testing/cluster-facts.ts'
import { edited, verdictOf } from '../../judge/testing/verdict.ts'

/** The sample journal with the rules of worker3 empty at 17 s, as after a boot, and a fault around that time. */
function emptied(fault?: (sound: ProxySample) => void): JournalRecord[] {
  const sound = kubeProxyRules((own) => fault?.(own))
  return edited(sound, 'rules', (record) =>
    record.machine === 'worker3' && record.at === start + 17_000
      ? { ...record, hash: 'empty', text: '*nat\nCOMMIT\n*filter\nCOMMIT\n' }
      : record,
  )
}

const on = (machine: string, more: Partial<FaultTarget> = {}): FaultTarget => ({ machines: [machine], ...more })

const disturbing: readonly (readonly [string, FaultTarget])[] = [
  ['restart-machine', on('worker3')],
  ['kill-machine', on('worker3')],
  ['power-off', on('worker3')],
  ['freeze-machine', on('worker3')],
  ['unplug-machine', on('worker3')],
  ['hog-cpu', on('worker3')],
  ['hog-memory', on('worker3')],
  ['impair', on('worker3')],
  ['half-open', on('worker3')],
  ['delete-node', on('worker3')],
  ['partition', on('worker3', { cut: [{ from: 'control-plane1', to: 'worker3' }], network: 'cluster' })],
  ['pause', on('worker3', { component: 'kube-proxy' })],
  ['slow', on('worker3', { component: 'kube-proxy' })],
  ['crash-loop', on('worker3', { component: 'kube-proxy' })],
  ['kill', on('worker3', { component: 'k3s-agent', along: ['kubelet', 'kube-proxy'] })],
  ['kill', on('worker3', { component: 'apiserver-lb' })],
  ['delete-rule', on('worker3', { component: 'kube-proxy' })],
  ['kill', on('control-plane1', { component: 'kube-apiserver' })],
  ['freeze-view', on('control-plane1', { component: 'kube-apiserver' })],
  ['freeze-machine', on('control-plane1')],
  ['stall-disk', on('etcd1', { component: 'etcd' })],
  ['partition', on('etcd1', { cut: [{ from: 'etcd1', to: 'etcd2' }] })],
]

test.each(disturbing)('PROXY-01 does not judge rules that %s of %j may have changed', (fault, target) => {
  const excused = emptied(({ builder }) => builder.fault('f9', fault, target, 16_000, 16_500))
  expect(verdictOf('PROXY-01', excused)).toMatchObject({ status: 'pass' })
})

const harmless: readonly (readonly [string, FaultTarget])[] = [
  ['drain', on('worker3')],
  ['cordon', on('worker3')],
  ['restart-machine', on('worker2')],
  ['kill', on('worker3', { component: 'kubelet' })],
  ['kill', on('control-plane1', { component: 'kube-scheduler' })],
  ['kill-container', on('worker3', { pod: { namespace: 'shop', name: 'web-1', container: 'web' } })],
]

test.each(harmless)('PROXY-01 fails for empty rules, which %s of %j does not excuse', (fault, target) => {
  const sound = emptied(({ builder }) => builder.fault('f9', fault, target, 16_000, 16_500))
  expect(verdictOf('PROXY-01', sound)).toMatchObject({ status: 'fail', values: { machine: 'worker3' } })
})

test('PROXY-01 excuses rules only until kube-proxy could follow again', () => {
  const early = emptied(({ builder }) => builder.fault('f9', 'restart-machine', on('worker3'), 1_000, 1_400))
  expect(verdictOf('PROXY-01', early)).toMatchObject({ status: 'fail', values: { machine: 'worker3' } })
  // An unproven fault excuses as well: it may have been in force.
  const unproven = edited(
    emptied(({ builder }) => builder.fault('f9', 'restart-machine', on('worker3'), 16_000, 16_500)),
    'fault',
    (record) => (record.id === 'f9' && record.edge === 'injected' ? undefined : record),
  )
  expect(verdictOf('PROXY-01', unproven)).toMatchObject({ status: 'pass' })
})

test('PROXY-01 fails where rules stay old until the recording ends', () => {
  const sound = kubeProxyRules()
  const [first] = sound.flatMap((one) => (one.kind === 'rules' && one.machine === 'worker3' ? [one] : []))
  const frozen = edited(sound, 'rules', (record) => {
    if (record.machine !== 'worker3' || record.at <= start + 8_000) return record
    const { text: _, ...snapshot } = record
    return { ...snapshot, hash: first?.hash ?? '' }
  })
  expect(verdictOf('PROXY-01', frozen)).toMatchObject({ status: 'fail', code: 'RULES_NOT_FOLLOWED' })
})

test('PROXY-01 accepts an answer of a pod that has the address of an endpoint since its Node restarted', () => {
  const sound = (podIP: string): JournalRecord[] =>
    edited(
      kubeProxyRules(({ builder }) => {
        const pod = { metadata: {}, spec: { nodeName: 'worker1' }, status: { podIP } }
        builder.object(5_200, 'pods', builder.namespace, 'other-1', pod, 'added')
      }),
      'attempt',
      (one) => (one.from === 'worker2' && one.at === start + 5_100 ? { ...one, backend: 'other-1' } : one),
    )
  expect(verdictOf('PROXY-01', sound('10.244.9.99'))).toMatchObject({ status: 'fail', code: 'STRAY_ANSWER' })
  expect(verdictOf('PROXY-01', sound('10.244.9.2'))).toMatchObject({ status: 'pass' })
})
