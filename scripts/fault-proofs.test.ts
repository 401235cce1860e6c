import { dirname } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { faultKinds } from '../harness/faults/catalogue.ts'
import { proofsOf, readProofs } from './fault-proofs.ts'

const names = faultKinds.map(({ name }) => name)

test('every fault of the catalogue bites in a test on a real cluster, and is refused in another one', () => {
  const { bites, refused } = proofsOf(dirname(dirname(fileURLToPath(import.meta.url))))
  expect(names.filter((name) => !bites.has(name))).toEqual([])
  expect(names.filter((name) => !refused.has(name))).toEqual([])
  expect([...bites, ...refused].filter((name) => !names.includes(name))).toEqual([])
})

test('names are read where tests are made, and in the rows that several are made from', () => {
  const text = `
    bites('kill', 'what', it, body)
    bites(
      ['pause', 'stop'],
    const rows = [{ bites: 'slow', says: 'frozen' }]
    refused(['kill'], 'nobody', it, attempts)
    other('freeze-machine')`
  const { bites, refused } = readProofs(text)
  expect([...bites]).toEqual(['kill', 'pause', 'stop', 'slow'])
  expect([...refused]).toEqual(['kill'])
})
