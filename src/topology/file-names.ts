/** The names in a topology file: whether each is a role or a peer that there can be, and whether edges make sense. */
import type { RoleName } from '../../protocols/ids.ts'
import { commaList } from './file-problems.ts'
import type { FileProblem, FileText, Path } from './file-text.ts'
import type { End } from './member.ts'
import type { OverlayData } from './overlay.ts'

type Named = { readonly path: Path; readonly end: End; readonly mustBeRole?: boolean }

/** What the names of a file stand for. */
export interface Names {
  /** The role itself, or the role of the peer `<role>-<number>`. */
  roleOf(end: End): RoleName | undefined
  /** The names that an overlay holds, where they stand below `within`. */
  of(overlay: OverlayData, within: Path): readonly Named[]
  problemsOf(named: readonly Named[], text: FileText): FileProblem[]
  problemsOfEdges(overlay: OverlayData, within: Path, text: FileText): FileProblem[]
}

export function namesAmong(known: readonly RoleName[]): Names {
  const roleOf = (end: End): RoleName | undefined => {
    const role = known.find((role) => role === end)
    return role ?? known.find((role) => role === /^(.+)-[1-9][0-9]*$/.exec(end)?.[1])
  }
  const isRole = (end: End): boolean => known.some((role) => role === end)

  /** Whether two ends can mean the same peer. */
  const meet = (a: End, b: End) => a === b || (roleOf(a) === roleOf(b) && (isRole(a) || isRole(b)))

  return {
    roleOf,
    of(overlay, within) {
      const one = (key: string, end: End | undefined): Named[] =>
        end === undefined ? [] : [{ path: [...within, key], end }]
      switch (overlay.kind) {
        case 'star':
          return one('hub', overlay.hub)
        case 'tree':
          return one('root', overlay.root)
        case 'pipeline':
          return overlay.stages.map((end, at) => ({ path: [...within, 'stages', at], end, mustBeRole: true }))
        case 'edges': {
          const ends = overlay.edges.flatMap((edge, at) =>
            edge.map((end, side) => ({ path: [...within, 'edges', at, side], end })),
          )
          return [...ends, ...one('hub', overlay.hub)]
        }
        default:
          return []
      }
    },
    problemsOf: (named, text) =>
      named.flatMap(({ path, end, mustBeRole }) => {
        if (mustBeRole ? isRole(end) : roleOf(end) !== undefined) return []
        const what = mustBeRole ? 'no role' : 'no role, and no peer of one'
        const peer = mustBeRole ? '' : `; a peer is called like ${known[0]}-1`
        return [text.problem(path, `${JSON.stringify(end)} is ${what}: roles are ${commaList(known)}${peer}`)]
      }),
    problemsOfEdges(overlay, within, text) {
      if (overlay.kind !== 'edges') return []
      const { edges, directed, hub } = overlay
      const first = new Map<string, Path>()
      const problems = edges.flatMap(([a, b], at) => {
        const path = [...within, 'edges', at]
        const key = (directed || a < b ? [a, b] : [b, a]).join(' ')
        const before = first.get(key)
        if (before === undefined) first.set(key, path)
        else {
          const { line } = text.problem(before, '')
          const again = `${text.quote(path)} is the edge ${text.quote(before)} of line ${line} again`
          return [text.problem(path, `${again}: leave one of them out`)]
        }
        return a === b && !isRole(a)
          ? [text.problem(path, `${text.quote(path)} leads from a peer to itself`)]
          : []
      })
      if (hub !== undefined && roleOf(hub) !== undefined && !edges.flat().some((end) => meet(end, hub))) {
        const path = [...within, 'hub']
        problems.push(
          text.problem(path, `the hub ${text.quote(path)} is in no edge: add one, or name another hub`),
        )
      }
      return problems
    },
  }
}
