import { expect, test } from 'vitest'
import { AnyFaults } from '../engine/any-faults.ts'
import { faultKinds } from './catalogue.ts'
import { Faults } from './faults.ts'

test('every fault has a unique name, evidence, and a description of each option', () => {
  const names = faultKinds.map(({ name }) => name)
  expect(names).toEqual([...new Set(names)])
  for (const { name, describe, evidence, options } of faultKinds) {
    expect(name).toMatch(/^[a-z]+(-[a-z]+)*$/)
    expect(
      [describe, evidence.bit, evidence.ended].every((text) => text.length > 0 && !text.endsWith('.')),
      name,
    ).toBe(true)
    const undescribed = Object.entries(options.shape).filter(([, field]) => !field.description)
    expect(undescribed.map(([field]) => `${name}.${field}`)).toEqual([])
  }
})

test('the methods for scenarios match the catalogue', () => {
  // `snapshot` is not a fault: it prepares `restoreSnapshot`.
  const helpers = ['constructor', 'snapshot']
  const callable = Object.getOwnPropertyNames(Faults.prototype).filter((name) => !helpers.includes(name))
  const listed = faultKinds.map(({ name }) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
  expect(callable.toSorted()).toEqual(listed.toSorted())
  expect(Object.getPrototypeOf(Faults.prototype)).toBe(AnyFaults.prototype)
})
