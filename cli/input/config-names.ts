/** What config files are called, in the order in which they are looked for. */
export const CONFIG_NAMES = ['skein.config.js', 'skein.config.mjs', 'skein.config.json'] as const
