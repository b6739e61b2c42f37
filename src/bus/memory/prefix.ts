/** Whether a key is the prefix itself or lies below it. A prefix ends at a token: `a.b` does not hold `a.bc`. */
export const isAtOrBelow = (prefix: string, key: string): boolean =>
  key === prefix || key.startsWith(`${prefix}.`)
