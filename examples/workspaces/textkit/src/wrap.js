/**
 * Breaks a text into lines of at most `width` characters, between words.
 *
 * Each line takes as many words as fit. Any run of white space, line breaks included, counts as one space, and no
 * line begins or ends with a space. A word longer than the width is not cut: it stands on a line of its own. A text
 * without words gives no lines.
 *
 * @param {string} text
 * @param {number} [width]
 * @returns {string[]}
 * @throws {RangeError} when the width is not a positive integer
 */
export const wrap = (text, width = 72) => {
  throw new Error('not implemented')
}

/**
 * Puts a prefix before each line that is not empty.
 *
 * @param {readonly string[]} lines
 * @param {string} [prefix]
 * @returns {string[]}
 */
export function indent(lines, prefix = '  ') {
  return lines.map((line) => (line === '' ? line : prefix + line))
}
