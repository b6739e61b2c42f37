/**
 * Turns a title into a slug, the readable name of a page in its URL.
 *
 * Letters lose their accents and become lower case. Every run of characters other than `a` to `z` and `0` to `9`
 * becomes one separator, and a slug neither begins nor ends with one. A slug is at most `maxLength` characters
 * long: words that do not fit whole are left off at the end, but a first word that is too long by itself is cut.
 * A title without letters and digits gives an empty slug.
 *
 * @param {string} title
 * @param {{ separator?: string, maxLength?: number }} [options]
 * @returns {string}
 */
export function slugify(title, { separator = '-', maxLength = Infinity } = {}) {
  throw new Error('not implemented')
}

/**
 * A slug for a title that is not taken yet: `tea`, `tea-2`, `tea-3`.
 *
 * @param {string} title
 * @param {ReadonlySet<string>} taken
 * @returns {string}
 */
export function uniqueSlug(title, taken) {
  const slug = slugify(title)
  if (!taken.has(slug)) return slug
  let number = 2
  while (taken.has(`${slug}-${number}`)) number++
  return `${slug}-${number}`
}
