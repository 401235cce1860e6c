import { expect, test } from 'vitest'
import { faultKinds } from './catalogue.ts'

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
