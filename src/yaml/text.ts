/** A text that somebody wrote, YAML or JSON, with the place in it of everything it says. */
import { isMap, isNode, isScalar, LineCounter, type Node, parseDocument, visit } from 'yaml'

/** What is wrong, and where. Lines and columns are counted from 1. */
export type FileProblem = { readonly line: number; readonly column: number; readonly text: string }

/** For an error: a line for each problem, `ring.yaml:7:5: …`, in their order in the file. */
export function inOrder<Problem extends FileProblem>(
  file: string,
  problems: readonly Problem[],
): { readonly problems: readonly Problem[]; readonly text: string } {
  const ordered = [...problems].sort((a, b) => a.line - b.line || a.column - b.column)
  const lines = ordered.map(({ line, column, text }) => `${file}:${line}:${column}: ${text}`)
  return { problems: ordered, text: lines.join('\n') }
}

export type Path = readonly PropertyKey[]

export interface FileText {
  /** What it says, as plain JSON. */
  readonly value: unknown
  /** What is wrong at a path. Where nothing stands there, at the nearest thing around it. */
  problem(path: Path, text: string): FileProblem
  /** What is wrong with the key at a path, where it is the key itself. */
  problemOfKey(path: Path, text: string): FileProblem
  /** What stands at a path, as it is written, on one line and not too long. */
  quote(path: Path): string
}

/** What is no text of that kind. */
export type Unreadable = { readonly problems: readonly FileProblem[]; readonly cause?: unknown }

/**
 * What a text says, or what is wrong with it where it is neither YAML nor JSON, or says more than one thing.
 * @param kind a sentence for whoever wrote something else: `A topology file is YAML or JSON`
 */
export function readYaml(text: string, kind: string): FileText | Unreadable {
  const lines = new LineCounter()
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false, logLevel: 'error' })
  const at = (offset: number, text: string): FileProblem => {
    const { line, col } = lines.linePos(offset)
    return { line: Math.max(line, 1), column: Math.max(col, 1), text }
  }
  const lineAt = (offset: number): string => {
    const start = text.lastIndexOf('\n', offset - 1) + 1
    return shortened(text.slice(start).split('\n', 1)[0] ?? '')
  }
  const [first, ...others] = [...document.errors, ...document.warnings]
  if (first !== undefined) {
    const problems = [first, ...others].map(({ pos: [offset], code, message }) => {
      const what = code === 'MULTIPLE_DOCS' ? 'a second document begins here' : firstLine(message)
      return at(offset, `${[what, lineAt(offset)].filter(Boolean).join(', in ')}. ${kind}`)
    })
    return { problems, cause: first }
  }
  // A few aliases of aliases could stand for more than memory holds; without any, all stands where it is written.
  const alias = aliasIn(document.contents)
  if (alias !== undefined) {
    const offset = alias.range?.[0] ?? 0
    return { problems: [at(offset, `${lineAt(offset)} has an alias: write it out`)] }
  }

  function nodeAt(path: Path): Node | undefined {
    for (let length = path.length; length > 0; length--) {
      const node = document.getIn(path.slice(0, length), true)
      if (isNode(node) && node.range) return node
    }
    return document.contents ?? undefined
  }

  const problem = (path: Path, text: string) => at(nodeAt(path)?.range?.[0] ?? 0, text)
  return {
    value: document.toJS(),
    problem,
    problemOfKey(path, text) {
      const map = path.length > 1 ? document.getIn(path.slice(0, -1), true) : document.contents
      const key = isMap(map)
        ? map.items.find(({ key }) => isScalar(key) && key.value === path.at(-1))?.key
        : undefined
      return isNode(key) && key.range ? at(key.range[0], text) : problem(path, text)
    },
    quote(path) {
      const range = nodeAt(path)?.range
      return (range && shortened(text.slice(range[0], range[1]))) || 'nothing'
    },
  }
}

/** The first alias in what was read. */
function aliasIn(contents: Node | null): Node | undefined {
  let found: Node | undefined
  visit(contents, {
    Alias(_, alias) {
      found = alias
      return visit.BREAK
    },
  })
  return found
}

const firstLine = (message: string): string => message.split('\n', 1)[0]!.replace(/[.:]$/, '')

/** Characters of a file that are worth quoting. */
const QUOTED = 60

function shortened(source: string): string {
  const line = source.replace(/\s+/g, ' ').trim()
  return line.length > QUOTED ? `${line.slice(0, QUOTED - 1)}…` : line
}
