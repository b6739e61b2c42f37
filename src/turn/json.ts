/** Whether a value survives JSON. What does not would be lost, silently, with the process that held it. */

/** Where and why a value does not survive JSON, or null if it does. An undefined field is as good as an absent one. */
export function jsonProblem(value: unknown, path: string): string | null {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return null
    case 'number':
      return Number.isFinite(value) ? null : `${path} is ${value}, which JSON cannot hold`
    case 'object':
      return value === null ? null : objectProblem(value, path)
    default:
      return `${path} is a ${typeof value}, which JSON cannot hold: keep plain data in the context`
  }
}

function objectProblem(value: object, path: string): string | null {
  if (Array.isArray(value)) {
    for (const [index, item] of value.entries()) {
      const problem = jsonProblem(item, `${path}[${index}]`)
      if (problem !== null) return problem
    }
    return null
  }
  const prototype: unknown = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) {
    return `${path} is a ${value.constructor.name}, which JSON cannot hold: keep plain data in the context`
  }
  for (const [key, item] of Object.entries(value)) {
    const problem = item === undefined ? null : jsonProblem(item, `${path}.${key}`)
    if (problem !== null) return problem
  }
  return null
}
