/** Every `$ref` in a JSON document. */
export function referencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return []
  return Object.entries(node).flatMap(([key, value]) =>
    key === '$ref' && typeof value === 'string' ? [value] : referencesIn(value),
  )
}

/** What a local reference points to in a document, or undefined. */
export function resolve(document: object, reference: string): unknown {
  const [root, ...path] = reference.split('/')
  if (root !== '#') return undefined
  return path.reduce<unknown>(
    (node, token) =>
      (node as Record<string, unknown> | undefined)?.[token.replaceAll('~1', '/').replaceAll('~0', '~')],
    document,
  )
}
