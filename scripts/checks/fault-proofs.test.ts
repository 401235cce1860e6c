import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { faultKinds } from '../../harness/faults/catalogue/catalogue.ts'
import { proofsOf, readProofs } from './fault-proofs.ts'

const names = faultKinds.map(({ name }) => name)

test('every fault of the catalogue has a test on a real cluster for its effect and one for its refusal', () => {
  const { testEffect, refused } = proofsOf(dirname(dirname(dirname(fileURLToPath(import.meta.url)))))
  expect(names.filter((name) => !testEffect.has(name))).toEqual([])
  expect(names.filter((name) => !refused.has(name))).toEqual([])
  expect([...testEffect, ...refused].filter((name) => !names.includes(name))).toEqual([])
})

test('reads names from single tests and from rows of a table', () => {
  const text = `
    testEffect('kill', 'what', it, body)
    testEffect(
      ['pause', 'stop'],
    const rows = [{ testEffect: 'slow', says: 'frozen' }]
    refused(['kill'], 'nobody', it, attempts)
    other('freeze-machine')`
  const { testEffect, refused } = readProofs(text)
  expect([...testEffect]).toEqual(['kill', 'pause', 'stop', 'slow'])
  expect([...refused]).toEqual(['kill'])
})
