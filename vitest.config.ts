import { defineConfig } from 'vitest/config'

const minute = 60_000

/** `unit` needs nothing but Node; `cluster` boots real ones, one after the other, and judges what it recorded. */
export default defineConfig({
  test: {
    reporters: [
      'default',
      ['junit', { outputFile: 'reports/out/tests/junit.xml' }],
      ['json', { outputFile: 'reports/out/tests/vitest.json' }],
      ['allure-vitest/reporter', { resultsDir: 'reports/out/tests/allure-results' }],
    ],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: [
            'harness/**/*.test.ts',
            'reports/**/*.test.ts',
            'scenarios/**/*.test.ts',
            'scripts/**/*.test.ts',
            'suites/architecture.test.ts',
          ],
          exclude: ['reports/out/**', 'node_modules/**'],
          testTimeout: minute,
        },
      },
      {
        extends: true,
        test: {
          name: 'cluster',
          include: ['suites/**/*.test.ts'],
          exclude: ['suites/architecture.test.ts'],
          globalSetup: ['harness/vitest/run-once.ts'],
          setupFiles: ['allure-vitest/setup'],
          // Two clusters at once on two cores would measure each other.
          fileParallelism: false,
          testTimeout: 10 * minute,
          hookTimeout: 10 * minute,
        },
      },
    ],
  },
})
