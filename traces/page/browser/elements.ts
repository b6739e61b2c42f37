/** Elements made in code. All text becomes text nodes: nothing that an agent wrote is ever read as markup. */

type Child = Node | string | undefined | false
type Attributes = Readonly<Record<string, string | number | boolean | undefined>>

const SVG = 'http://www.w3.org/2000/svg'

function dress<Made extends Element>(made: Made, attributes: Attributes, children: readonly Child[]): Made {
  for (const [name, value] of Object.entries(attributes))
    if (value !== undefined && value !== false) made.setAttribute(name, value === true ? '' : String(value))
  for (const child of children) if (child !== undefined && child !== false) made.append(child)
  return made
}

export const html = <Tag extends keyof HTMLElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): HTMLElementTagNameMap[Tag] => dress(document.createElement(tag), attributes, children)

export const svg = <Tag extends keyof SVGElementTagNameMap>(
  tag: Tag,
  attributes: Attributes = {},
  ...children: readonly Child[]
): SVGElementTagNameMap[Tag] => dress(document.createElementNS(SVG, tag), attributes, children)

/** Gives it the colour of a custom property. The policy of the page forbids style attributes, not this. */
export function shade<Made extends HTMLElement | SVGElement>(made: Made, property: string): Made {
  made.style.setProperty('--shade', `var(--${property})`)
  return made
}

/** Places it in a lane: both in percent. */
export function place<Made extends HTMLElement>(made: Made, left: number, width?: number): Made {
  made.style.left = `${left}%`
  if (width !== undefined) made.style.width = `${width}%`
  return made
}

export const button = (text: string, title: string, onClick: () => void, className = 'act') => {
  const made = html('button', { type: 'button', class: className, title }, text)
  made.addEventListener('click', onClick)
  return made
}

export function find<Wanted extends Element = HTMLElement>(selector: string): Wanted {
  const found = document.querySelector<Wanted>(selector)
  if (found === null) throw new Error(`the page has no "${selector}"`)
  return found
}
