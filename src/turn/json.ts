/** Whether a value survives JSON. What does not would be lost, silently, with the process that held it. */

/**
 * Where and why a value does not survive JSON, or null if it does. An undefined field is as good as an absent one.
 * @param within the objects that the value is part of
 */
export function jsonProblem(value: unknown, path: string, within: readonly object[] = []): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null
    case 'number':
      return Number.isFinite(value) ? null : `${path} is ${value}, which JSON cannot hold`
    case 'object':
      return value === null ? null : objectProblem(value, path, within)
    default:
      return `${path} is of type ${typeof value}, which JSON cannot hold: keep plain data`
  }
}

function objectProblem(value: object, path: string, within: readonly object[]): string | null {
  if (within.includes(value)) return `${path} contains itself, which JSON cannot hold: keep plain data`
  const around = [...within, value]
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = jsonProblem(item, `${path}[${index}]`, around)
      if (problem !== null) return problem
    }
    return null
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    return `${path} is a ${value.constructor.name}, which JSON cannot hold: keep plain data`
  }
  for (const [key, item] of Object.entries(value)) {
    const problem = item === undefined ? null : jsonProblem(item, `${path}.${key}`, around)
    if (problem !== null) return problem
  }
  return null
}
