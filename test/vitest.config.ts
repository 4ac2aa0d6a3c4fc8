import { defineConfig } from 'vitest/config';

/** Each project is one level of tests; `npm test` runs all, `npx vitest --config test/vitest.config.ts --project unit` one. */
export default defineConfig({
  test: {
    root: '.',
    pool: 'forks',
    setupFiles: ['test/helpers/property-seed.ts'],
    projects: [
      {
        extends: true,
        test: {
          name: 'unit',
          include: ['test/**/*.test.ts'],
          exclude: ['test/integration/**', 'test/conformance/**', 'test/fault/**'],
          // Property tests take seconds; a busy machine must not turn that into a failure.
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: { name: 'conformance', include: ['test/conformance/**/*.test.ts'], testTimeout: 120_000 },
      },
      {
        extends: true,
        test: {
          name: 'integration',
          include: ['test/integration/**/*.test.ts'],
          exclude: ['test/integration/kafka*.test.ts', 'test/integration/consume*.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'kafka',
          include: ['test/integration/kafka*.test.ts', 'test/integration/consume*.test.ts'],
          globalSetup: 'test/helpers/kafka-global.ts',
          testTimeout: 120_000,
          hookTimeout: 120_000,
          fileParallelism: false,
        },
      },
      {
        extends: true,
        test: {
          name: 'fault',
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
