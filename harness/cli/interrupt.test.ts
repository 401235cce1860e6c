import { expect, test } from 'vitest'
import { interruptible } from './interrupt.ts'

test('the first signal aborts, the second says what is being undone, and afterwards signals are left alone', () => {
  const notes: string[] = []
  const before = process.listenerCount('SIGINT')
  {
    using interrupt = interruptible({ note: (text) => notes.push(text) })
    interrupt.doing('healing the partition')
    process.emit('SIGINT', 'SIGINT')
    expect(interrupt.signal.aborted).toBe(true)
    process.emit('SIGINT', 'SIGINT')
    expect(notes).toEqual([
      'SIGINT: healing faults and removing the cluster ...',
      'Still healing and removing (last: healing the partition). Please wait; after a kill, holdfast clean removes the rest.',
    ])
  }
  expect(process.listenerCount('SIGINT')).toBe(before)
})
