/** Light, dark, or as the system has it. Colours are custom properties, so nothing is drawn again. */
import { find } from '../../../traces/page/browser/elements.ts'

export function letChooseTheme() {
  const group = find('.themes')
  const buttons = [...group.querySelectorAll<HTMLButtonElement>('button')]
  group.hidden = false
  for (const button of buttons)
    button.addEventListener('click', () => {
      const { theme = 'auto' } = button.dataset
      if (theme === 'auto') delete document.documentElement.dataset.theme
      else document.documentElement.dataset.theme = theme
      for (const one of buttons) one.setAttribute('aria-pressed', String(one === button))
    })
}
