export * from './hog-cpu.ts'
export * from './hog-memory.ts'
export * from './api-flood.ts'
export * from './event-storm.ts'
