import { expect, test } from 'vitest'
import { AnyFaults } from './any-faults.ts'
import { faultKinds } from './catalogue.ts'
import { Faults } from './faults.ts'

test('every fault has a name of its own and says what counts as its evidence', () => {
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

test('what scenarios can call is what is listed, and the other way round', () => {
  // `snapshot` breaks nothing: it takes what `restoreSnapshot` needs later.
  const helpers = ['constructor', 'snapshot']
  const callable = Object.getOwnPropertyNames(Faults.prototype).filter((name) => !helpers.includes(name))
  const listed = faultKinds.map(({ name }) => name.replaceAll(/-(.)/g, (_, letter: string) => letter.toUpperCase()))
  expect(callable.toSorted()).toEqual(listed.toSorted())
  expect(Object.getPrototypeOf(Faults.prototype)).toBe(AnyFaults.prototype)
})
