import { expect, test } from 'vitest'
import { interruptible } from './interrupt.ts'

test('the first signal aborts, the second reports the current step, and the listeners are removed afterwards', () => {
  const notes: string[] = []
  const before = process.listenerCount('SIGINT')
  {
    using interrupt = interruptible({ note: (text) => notes.push(text) })
    interrupt.doing('reverting the partition')
    process.emit('SIGINT', 'SIGINT')
    expect(interrupt.signal.aborted).toBe(true)
    process.emit('SIGINT', 'SIGINT')
    expect(notes).toEqual([
      'SIGINT: reverting faults and removing the cluster ...',
      'Still reverting and removing (last step: reverting the partition). Please wait. After a kill, `holdfast clean` removes the rest.',
    ])
  }
  expect(process.listenerCount('SIGINT')).toBe(before)
})
