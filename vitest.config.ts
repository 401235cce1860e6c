import { defineConfig } from 'vitest/config'

const minute = 60_000

/**
 * `unit` needs only Node. `recorded` runs the default scenarios once on a real cluster, or every scenario in the
 * nightly run, and judges the recordings. In `e2e` each test boots its own clusters and breaks or kills them.
 */
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
            'bench/**/*.test.ts',
            'harness/**/*.test.ts',
            'reports/**/*.test.ts',
            'scenarios/**/*.test.ts',
            'scripts/**/*.test.ts',
          ],
          exclude: ['reports/out/**', 'node_modules/**'],
          testTimeout: minute,
        },
      },
      {
        extends: true,
        test: {
          name: 'recorded',
          include: ['suites/*.test.ts', 'suites/controls/*.test.ts'],
          globalSetup: ['harness/vitest/run-once.ts'],
          setupFiles: ['allure-vitest/setup'],
          testTimeout: minute,
          sequence: { groupOrder: 1 },
        },
      },
      {
        extends: true,
        test: {
          name: 'e2e',
          include: ['suites/e2e/**/*.test.ts'],
          setupFiles: ['allure-vitest/setup'],
          // On two cores, two clusters at once would disturb each other's measurements.
          fileParallelism: false,
          testTimeout: 10 * minute,
          hookTimeout: 10 * minute,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
})
