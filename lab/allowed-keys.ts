/** What a schema allows at a place: for those who wrote something else there. */
import type { z } from 'zod'

/** The keys of the map at a path, of every form that it may have. */
export function allowedKeys(schema: z.core.$ZodType, path: readonly PropertyKey[]): readonly string[] {
  const { def } = schema._zod as z.core.$ZodTypes['_zod']
  switch (def.type) {
    case 'object': {
      const [key, ...rest] = path
      if (key === undefined) return Object.keys(def.shape)
      const within = def.shape[String(key)]
      return within === undefined ? [] : allowedKeys(within, rest)
    }
    case 'array':
      return allowedKeys(def.element, path.slice(1))
    case 'union':
      return [...new Set(def.options.flatMap((option) => allowedKeys(option, path)))]
    case 'pipe':
      return allowedKeys(def.in, path)
    case 'optional':
    case 'nullable':
    case 'default':
    case 'prefault':
      return allowedKeys(def.innerType, path)
    default:
      return []
  }
}
