/**
 * Globs over the paths of a tree, as people and models write them: `*.ts` names files anywhere, `src/*.ts` files of one
 * folder, `src` and `src/` all below it. `*` and `?` stay inside a name, `**` does not; `[a-z]`, `[!a]` and `{a,b}`
 * are known. A leading slash means the root, which a path from the root means anyway.
 *
 * A path is matched in one pass over its characters, with all places of the glob at once, so that no glob takes longer
 * than the product of both lengths: it may come from a model.
 */
import { ToolError } from './tool.ts'

type Step =
  | { readonly kind: 'one'; readonly fits: (character: string) => boolean }
  /** `*`: any characters of a name. */
  | { readonly kind: 'name' }
  /** `**` at the end or beside other characters: any characters. */
  | { readonly kind: 'any' }
  /** `**` and a slash: whole folders, or none. */
  | { readonly kind: 'folders' }

const LONGEST = 500
/** Globs that braces may stand for. */
const ALTERNATIVES = 64

/**
 * Whether a path is one of those that the globs name: false of no globs at all.
 * @throws ToolError `tool.glob` for what is none
 */
export function globs(patterns: readonly string[]): (path: string) => boolean {
  const compiled = patterns.flatMap((pattern) => expand(checked(pattern)).flatMap(stepsOf))
  return (path) => compiled.some((steps) => matches(steps, [...path]))
}

function checked(pattern: string): string {
  if (pattern.length <= LONGEST && pattern.trim() !== '') return pattern
  const problem = pattern.length > LONGEST ? `is longer than ${LONGEST} characters` : 'is empty'
  throw new ToolError(
    'glob',
    `the glob ${JSON.stringify(pattern.slice(0, 80))} ${problem}: write one like "src/**/*.ts"`,
  )
}

/** The globs without braces that one with braces stands for; braces may lie in braces. */
function expand(pattern: string): string[] {
  const open: string[] = [pattern]
  const done: string[] = []
  for (let glob = open.pop(); glob !== undefined; glob = open.pop()) {
    const inner = /\{([^{}]*,[^{}]*)\}/.exec(glob)
    if (inner === null) done.push(glob)
    else {
      const [whole, list = ''] = inner
      const rest = glob.slice(inner.index + whole.length)
      for (const choice of list.split(',')) open.push(glob.slice(0, inner.index) + choice + rest)
    }
    if (open.length + done.length > ALTERNATIVES) {
      throw new ToolError(
        'glob',
        `the braces of "${pattern}" stand for more than ${ALTERNATIVES} globs: write fewer`,
      )
    }
  }
  return done
}

/** Of a glob for files, also the one for all below a folder of that name. */
function stepsOf(glob: string): (readonly Step[])[] {
  const bare = glob.replace(/^(?:\.?\/)+/, '').replace(/\/+$/, '')
  const anchored = bare.includes('/') || glob.startsWith('/') || glob.startsWith('./')
  const steps = parse(anchored ? bare : `**/${bare}`)
  return [steps, [...steps, literal('/'), { kind: 'any' }]]
}

function parse(glob: string): Step[] {
  const steps: Step[] = []
  for (let at = 0; at < glob.length; ) {
    const [found, step] = stepAt(glob, at)
    const last = steps.at(-1)?.kind
    // Two in a row say what one says.
    if (step.kind === 'one' || step.kind !== last) steps.push(step)
    at += found.length
  }
  return steps
}

function stepAt(glob: string, at: number): [found: string, Step] {
  const rest = glob.slice(at)
  const atName = at === 0 || glob[at - 1] === '/'
  const folders = atName ? /^\*\*+\/+/.exec(rest) : null
  if (folders !== null) return [folders[0], { kind: 'folders' }]
  const stars = /^\*+/.exec(rest)
  if (stars !== null) return [stars[0], { kind: stars[0].length > 1 ? 'any' : 'name' }]
  if (rest.startsWith('?')) return ['?', { kind: 'one', fits: (character) => character !== '/' }]
  const set = /^\[([!^]?)(\]?[^\]]*)\]/.exec(rest)
  if (set !== null) return [set[0], { kind: 'one', fits: oneOf(set[2]!, set[1] !== '') }]
  const character = String.fromCodePoint(rest.codePointAt(0)!)
  return [character, literal(character)]
}

const literal = (wanted: string): Step => ({ kind: 'one', fits: (character) => character === wanted })

function oneOf(set: string, negated: boolean): (character: string) => boolean {
  const parts = [...set.matchAll(/(.)-(.)|(.)/gsu)].map(
    ([, from, to, one]) => [from ?? one!, to ?? one!] as const,
  )
  return (character) =>
    character !== '/' && negated !== parts.some(([from, to]) => from <= character && character <= to)
}

function matches(steps: readonly Step[], path: readonly string[]): boolean {
  let places = new Set<number>()
  reach(steps, 0, places)
  for (const character of path) {
    const next = new Set<number>()
    for (const place of places) {
      const step = steps[place]
      if (step === undefined) continue
      if (step.kind === 'one') {
        if (step.fits(character)) reach(steps, place + 1, next)
      } else if (step.kind === 'folders') {
        next.add(place)
        if (character === '/') reach(steps, place + 1, next)
      } else if (step.kind === 'any' || character !== '/') reach(steps, place, next)
    }
    places = next
  }
  return places.has(steps.length)
}

/** A place, and those after it that need no character to come to. */
function reach(steps: readonly Step[], place: number, places: Set<number>): void {
  for (let at = place; !places.has(at) || at === place; at++) {
    places.add(at)
    const kind = steps[at]?.kind
    if (kind === undefined || kind === 'one') return
  }
}
