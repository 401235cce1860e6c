import { expect, test } from 'vitest'
import { serviceFiles } from '../upstream/service.ts'
import { flagsByComponent, scriptFlags } from './flags.ts'

test('flags are read back from the script that the supervisor executes', () => {
  const [script] = serviceFiles({
    name: 'k3s-server',
    command: 'k3s server',
    flags: { 'tls-san': ['one', '10.0.0.1'], 'disable-scheduler': true, 'kube-controller-manager-arg': ['a=1s', 'b'] },
  })
  const flags = scriptFlags(script?.content ?? '')
  expect(flags).toEqual([
    ['tls-san', 'one'],
    ['tls-san', '10.0.0.1'],
    ['disable-scheduler', 'true'],
    ['kube-controller-manager-arg', 'a=1s'],
    ['kube-controller-manager-arg', 'b'],
  ])
})

test('what k3s passes on belongs to the component inside it', () => {
  const found = flagsByComponent('k3s-server', [
    ['tls-san', 'one'],
    ['tls-san', 'two'],
    ['kube-controller-manager-arg', 'node-monitor-grace-period=50s'],
    ['kube-scheduler-arg', 'leader-elect'],
  ])
  expect(Object.fromEntries(found)).toEqual({
    'k3s-server': { 'tls-san': 'one,two' },
    'kube-controller-manager': { 'node-monitor-grace-period': '50s' },
    'kube-scheduler': { 'leader-elect': 'true' },
  })
})
