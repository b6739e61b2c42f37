/**
 * Where the nodes of the topology stand on a screen: on an ellipse, as large as lets neighbours stand beside each other
 * and all of them, with their names, within the picture. Run in the browser; it knows no document.
 */

export type Ring = {
  /** Of each node, in pixels. */
  readonly radius: number
  /** Names are inside of the nodes; else beside them. */
  readonly hasNamesInside: boolean
  /** From a place on the circle around 0,0 with the radius 1. */
  at(place: Point): Point
}

export type Point = { readonly x: number; readonly y: number }

export const MOST_RADIUS_PX = 50
const LEAST_RADIUS_PX = 3
/** A smaller node has its name beside it. */
const ROOM_FOR_NAME_PX = 34
/** Around the nodes: what they asked for below them, and a message to oneself above. */
const AROUND = { x: 54, y: 46 }
/** The longest name that is written, along the ray from the middle. */
const NAME_PX = 104
/** Between neighbours that have their names inside: an arrow with its count. */
const ARROW_PX = 36
/** Between others there may be less: of the way from one to the next they take this much. */
const FILLED = 0.84

export function ringOf(width: number, height: number, nodes: number): Ring {
  const [w, h, bend] = [width / 2, height / 2, nodes < 2 ? 1 : Math.sin(Math.PI / nodes)]
  const inside = radiusOf(Math.min(w - AROUND.x, h - AROUND.y), bend, ARROW_PX)
  const hasNamesInside = inside >= ROOM_FOR_NAME_PX
  const around = hasNamesInside ? AROUND : { x: NAME_PX, y: NAME_PX }
  const radius = hasNamesInside ? inside : radiusOf(Math.min(w, h) - NAME_PX, bend * FILLED, 0)
  const reach = { x: w - around.x - radius, y: h - around.y - radius }
  return {
    ...{ radius, hasNamesInside },
    at: ({ x, y }) => ({ x: w + x * reach.x, y: h + y * reach.y }),
  }
}

/**
 * Neighbours are nowhere nearer to each other than on the circle of the shorter half-axis, which is what is left of
 * `room` next to the radius itself: `2 · bend · (room − r) = 2 · r + gap`.
 */
function radiusOf(room: number, bend: number, gap: number): number {
  const radius = (bend * room - gap / 2) / (1 + bend)
  return Math.max(LEAST_RADIUS_PX, Math.min(MOST_RADIUS_PX, radius))
}
