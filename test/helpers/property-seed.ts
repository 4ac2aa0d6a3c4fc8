import fc from 'fast-check';

/**
 * `npm test` sets PROPERTY_SEED, so that property tests try the same cases in every run, and a red run says something
 * about the change at hand. Without it every run looks for new cases; a failure names the seed to try again.
 */
const seed = process.env.PROPERTY_SEED;
if (seed) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: Number(seed) });
