/** The policy of the page allows its own style sheet alone, which has the rules that Plot writes into each drawing. */
export function bare<Drawn extends Element>(drawn: Drawn): Drawn {
  for (const style of drawn.querySelectorAll('style')) style.remove()
  return drawn
}
