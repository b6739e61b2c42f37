/** What waits to be drawn is drawn at once for a printer. */
const drawn = (view) => view.dispatchEvent(new Event('beforeprint'))

/** Looks at each frame in its page, in light and dark, and leaves what it saw in place of them, as encoded JSON. */
addEventListener('load', () => {
  const looks = []
  for (const frame of document.querySelectorAll('iframe')) {
    const page = frame.contentDocument
    const view = frame.contentWindow
    const textOf = (element) => element?.textContent ?? ''
    const channels = (colour) => {
      const canvas = page.createElement('canvas').getContext('2d')
      canvas.fillStyle = colour
      canvas.fillRect(0, 0, 1, 1)
      return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3)
    }
    const luminance = (colour) => {
      const [r, g, b] = channels(colour).map((byte) => {
        const share = byte / 255
        return share <= 0.03928 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4
      })
      return 0.2126 * r + 0.7152 * g + 0.0722 * b
    }
    const contrast = (one, other) => {
      const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b)
      return (light + 0.05) / (dark + 0.05)
    }
    const linesOf = (svg) => svg.querySelectorAll('[aria-label="line"] path').length
    drawn(view)
    for (const theme of ['light', 'dark']) {
      page.querySelector(`[data-theme=${theme}]`).click()
      const ground = view.getComputedStyle(page.body).backgroundColor
      const svgs = [...page.querySelectorAll('svg.plot')]
      const plots = svgs.map((svg) => {
        const box = svg.getBoundingClientRect()
        const texts = [...svg.querySelectorAll('text')].filter((text) => textOf(text) !== '')
        const boxes = texts.map((text) => text.getBoundingClientRect())
        const isOut = (one) =>
          one.left < box.left - 1 ||
          one.right > box.right + 1 ||
          one.top < box.top - 1 ||
          one.bottom > box.bottom + 1
        const isOn = (one, other) =>
          one.left < other.right && other.left < one.right && one.top < other.bottom && other.top < one.bottom
        return {
          label: svg.getAttribute('aria-label'),
          role: svg.getAttribute('role'),
          x: textOf(svg.querySelector('[aria-label="x-axis label"]')),
          y: textOf(svg.querySelector('[aria-label="y-axis label"]')),
          lines: linesOf(svg),
          bands: svg.querySelectorAll('[aria-label="area"] path').length,
          clipped: texts.filter((_, index) => isOut(boxes[index])).map(textOf),
          overlapping: texts
            .filter((_, one) => boxes.some((box, other) => other > one && isOn(boxes[one], box)))
            .map(textOf),
        }
      })
      const colours = (selector, property) =>
        [...page.querySelectorAll(selector)].map((one) => view.getComputedStyle(one)[property])
      const least = (all) => Math.min(...[...new Set(all)].map((colour) => contrast(colour, ground)))
      const hidden = [linesOf(svgs[0])]
      if (looks.length === 0) {
        const press = () => page.querySelector('.legend button').click()
        press()
        drawn(view)
        hidden.push(linesOf(page.querySelector('svg.plot')))
        press()
        drawn(view)
      }
      // Near the first symbol of the first plot.
      const pointed = page.querySelector('svg.plot')
      const symbol = pointed.querySelector('[aria-label="dot"] path').getBoundingClientRect()
      const at = { clientX: symbol.x + 2, clientY: symbol.y + 2, pointerType: 'mouse' }
      pointed.dispatchEvent(new view.PointerEvent('pointermove', at))
      const tip = textOf(pointed.querySelector('[aria-label="tip"]'))
      pointed.dispatchEvent(new view.PointerEvent('pointerleave', at))
      looks.push({
        tip,
        ...{ theme, width: frame.clientWidth, plots, hidden },
        overflow: page.documentElement.scrollWidth - page.documentElement.clientWidth,
        contrast: {
          text: least([
            ...colours('p, li, td, th, dt, dd, h1, h2, a, button, summary', 'color'),
            ...colours('svg.plot text', 'fill'),
          ]),
          line: least(colours('svg.plot [aria-label="line"] path', 'stroke')),
        },
      })
    }
  }
  document.body.replaceChildren(encodeURIComponent(JSON.stringify(looks)))
})
