/** `npm run nightly` also runs what takes too long for every change. */
export const isNightly = process.env['HOLDFAST_NIGHTLY'] !== undefined
