export * from './partition.ts'
export * from './impair.ts'
export * from './half-open.ts'
export * from './dns-failure.ts'
