import { defineConfig } from 'vitest/config';

/** Each project is one level of tests; `npm test` runs all, `npx vitest --config test/vitest.config.ts --project unit` one. */
export default defineConfig({
  test: {
    pool: 'forks',
    projects: [
      {
        test: {
          name: 'unit',
          root: '.',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/conformance/**', 'test/fault/**'],
          // Property tests take seconds; a busy machine must not turn that into a failure.
          testTimeout: 60_000,
        },
      },
      { test: { name: 'conformance', root: '.', include: ['test/conformance/**/*.test.ts'], testTimeout: 120_000 } },
      {
        test: {
          name: 'integration',
          root: '.',
          include: ['test/integration/**/*.test.ts'],
          exclude: ['test/integration/kafka*.test.ts', 'test/integration/consume*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'kafka',
          root: '.',
          include: ['test/integration/kafka*.test.ts', 'test/integration/consume*.test.ts'],
          globalSetup: 'test/helpers/kafka-global.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'fault',
          root: '.',
          include: ['test/fault/**/*.test.ts'],
          globalSetup: 'test/helpers/kafka-global.ts',
          testTimeout: 3_600_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
    ],
  },
});
