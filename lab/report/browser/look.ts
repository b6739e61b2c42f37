/** How a line looks: its topology by its colour, and each line by its symbol as well. */

const COLOURS = 8
const SYMBOLS = ['circle', 'square', 'triangle', 'diamond', 'star', 'wye', 'cross'] as const
/** Of theory, by model. Measured lines are never dashed. */
const DASHES = ['6 4', '2 3', '10 3 2 3'] as const

/** Of theory where x is no number. */
const CROSSES = ['times', 'plus', 'asterisk'] as const

export const colourOf = (colour: number): string => `var(--series-${colour % COLOURS})`
export const symbolOf = (series: number) => SYMBOLS[series % SYMBOLS.length]!
export const dashOf = (model: number): string => DASHES[model % DASHES.length]!
export const crossOf = (model: number) => CROSSES[model % CROSSES.length]!
